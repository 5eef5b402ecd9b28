// A table with aligned columns, for people.
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

namespace spindle::tool {

/// On which side the texts of a column stand.
enum class alignment { left, right };

/// A column and what stands above it.
struct column {
  std::string title;
  alignment side = alignment::left;
};

/// Rows of texts that are one line each and consist of ASCII; those of the last
/// column, if it is to the left, may be any UTF-8.
class text_table {
public:
  /// Without any title, there is no line for titles.
  text_table(std::initializer_list<column> columns);

  /// Adds a row with a text for each column.
  void add_row(std::vector<std::string> texts);

  /// Returns titles and rows, one a line.
  std::string text() const;

private:
  /// Appends a row to a text that is being made.
  void append(std::string& to, const std::vector<std::string>& row) const;

  std::vector<alignment> sides_;
  std::vector<size_t> widths_;
  /// The first are the titles, if there are any.
  std::vector<std::vector<std::string>> rows_;
};

} // namespace spindle::tool
