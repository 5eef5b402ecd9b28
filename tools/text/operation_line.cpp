#include "text/operation_line.hpp"

#include "text/erase_line.hpp"
#include "text/progress_text.hpp"

#include "spindle/config/utf8.hpp"

#include <algorithm>
#include <cstdio>

#include <sys/ioctl.h>
#include <unistd.h>

namespace spindle::tool {

namespace {

/// Used if the terminal does not report its width.
constexpr size_t default_columns = 80;

/// A shorter piece of a path is not worth showing.
constexpr size_t min_path_columns = 10;

size_t columns_of(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return default_columns;
  return size.ws_col;
}

bool begins_character(char x) {
  return (static_cast<unsigned char>(x) & 0xC0) != 0x80;
}

/// Returns a text of at most `columns` characters: the end of `text` after
/// "...", since the end of a path is the most specific part.
std::string shortened(const std::string& text, size_t columns) {
  auto length = static_cast<size_t>(
    std::count_if(text.begin(), text.end(), begins_character));
  if (length <= columns)
    return text;
  auto skipped = length - (columns - 3);
  auto first = std::find_if(text.begin(), text.end(), [&](char x) {
    return begins_character(x) && skipped-- == 0;
  });
  return "..." + std::string{first, text.end()};
}

} // namespace

std::string operation_text(const operation_progress& now, uint64_t entries,
                           std::chrono::duration<double> elapsed,
                           size_t columns) {
  std::string res;
  auto add = [&res](const std::string& text) {
    res += (res.empty() ? "" : ", ") + text;
  };
  if (auto all = entries + now.entries; all > 0)
    add(std::to_string(all) + (all == 1 ? " entry" : " entries"));
  if (now.bytes > 0) {
    auto rate
      = static_cast<double>(now.bytes) / std::max(elapsed.count(), 0.001);
    progress_figures figures{
      .done = now.bytes, .total = now.total_bytes, .rate_bytes_per_s = rate};
    auto bar = progress_bar(figures);
    add(res.size() + 2 + bar.size() <= columns ? bar : progress_text(figures));
  }
  if (res.size() > columns)
    res.resize(columns);
  auto room = columns - std::min(columns, res.size() + 2);
  if (room >= min_path_columns && !now.path.empty())
    add(shortened(config::printable(now.path), room));
  return res;
}

operation_line::operation_line(int descriptor)
    : descriptor_(descriptor), is_terminal_(::isatty(descriptor) == 1) {}

void operation_line::begin() {
  begin_ = clock::now();
  current_ = 0;
}

void operation_line::show(const operation_progress& now) {
  current_ = now.entries;
  auto time = clock::now();
  if (!is_terminal_ || !now.started || time < next_)
    return;
  next_ = time + interval;
  // The last column stays free: some terminals wrap after it.
  auto text
    = operation_text(now, before_, time - begin_, columns_of(descriptor_) - 1);
  ::dprintf(descriptor_, "%s%s", erase_line, text.c_str());
  visible_ = true;
}

void operation_line::end(const std::string& path) {
  before_ += std::max<uint64_t>(current_, 1);
  current_ = 0;
  show({.started = true, .path = path});
}

void operation_line::hide() {
  if (visible_)
    ::dprintf(descriptor_, "%s", erase_line);
  visible_ = false;
}

} // namespace spindle::tool
