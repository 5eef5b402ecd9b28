#include "spindle/config/complaints.hpp"

#include "spindle/config/nearest.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace spindle::config {

namespace {

std::string enumeration(std::span<const std::string> words) {
  std::string res;
  for (const auto& word : words)
    res += (res.empty() ? "" : ", ") + word;
  return res;
}

} // namespace

complaints::complaints(std::string file) : file_(std::move(file)) {}

void complaints::add(position at, std::string message) {
  found_.push_back({file_, at.line, at.column, std::move(message)});
}

void complaints::bad_value(const std::string& path, const entry& found,
                           const std::string& allowed) {
  add(found.content_at, path + shown_key(found.key) + ": expected " + allowed
                          + "; found " + shown(found.content));
}

void complaints::bad_key(const std::string& path, const entry& found,
                         std::span<const std::string> allowed) {
  auto near = nearest(found.key, allowed);
  add(found.key_at, path + shown_key(found.key) + ": unknown key; "
                      + (near ? "did you mean " + *near + '?'
                              : "expected one of " + enumeration(allowed)));
}

mistakes complaints::take() {
  std::stable_sort(
    found_.begin(), found_.end(), [](const mistake& x, const mistake& y) {
      return std::tie(x.line, x.column) < std::tie(y.line, y.column);
    });
  return std::exchange(found_, {});
}

} // namespace spindle::config
