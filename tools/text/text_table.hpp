// A table with aligned columns.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

namespace spindle::tool {

/// The side on which the texts of a column are aligned.
enum class alignment { left, right };

/// A column with its title.
struct column {
  std::string title;
  alignment side = alignment::left;
};

/// Rows of texts, each of one line. All texts are ASCII, except in the last
/// column if it is aligned to the left, where they may be any UTF-8.
class text_table {
public:
  /// If all titles are empty, the table has no line for titles.
  text_table(std::initializer_list<column> columns);

  /// Adds a row with a text for each column.
  void add_row(std::vector<std::string> texts);

  /// Returns titles and rows, one per line.
  std::string text() const;

private:
  /// Appends a row to a text.
  void append(std::string& to, const std::vector<std::string>& row) const;

  std::vector<alignment> sides_;
  std::vector<size_t> widths_;
  /// The first are the titles, if there are any.
  std::vector<std::vector<std::string>> rows_;
};

} // namespace spindle::tool
