#include "text/text_table.hpp"

#include <algorithm>
#include <utility>

namespace spindle::tool {

text_table::text_table(std::initializer_list<column> columns)
    : widths_(columns.size()) {
  std::vector<std::string> titles;
  for (const auto& x : columns) {
    sides_.push_back(x.side);
    titles.push_back(x.title);
  }
  auto has_title = [](const std::string& x) { return !x.empty(); };
  if (std::any_of(titles.begin(), titles.end(), has_title))
    add_row(std::move(titles));
}

void text_table::add_row(std::vector<std::string> texts) {
  for (size_t i = 0; i < widths_.size(); ++i)
    widths_[i] = std::max(widths_[i], texts[i].size());
  rows_.push_back(std::move(texts));
}

std::string text_table::text() const {
  std::string res;
  for (const auto& row : rows_)
    append(res, row);
  return res;
}

void text_table::append(std::string& to,
                        const std::vector<std::string>& row) const {
  std::string line;
  for (size_t i = 0; i < row.size(); ++i) {
    std::string padding(widths_[i] - row[i].size(), ' ');
    line += i == 0 ? "" : "  ";
    line += sides_[i] == alignment::left ? row[i] + padding : padding + row[i];
  }
  // No blanks at the end of a line.
  to += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
}

} // namespace spindle::tool
