#include "spindle/fs/temporary.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <random>
#include <string_view>
#include <system_error>

#include <unistd.h>

namespace spindle::fs {

namespace {

constexpr std::string_view prefix = ".spindle-";

std::string hexadecimal(uint64_t value) {
  char digits[16];
  auto end = std::to_chars(digits, digits + sizeof(digits), value, 16).ptr;
  return {digits, end};
}

std::string name_of(const temporary_owner& owner, uint64_t number) {
  return std::string{prefix} + std::to_string(owner.process) + '-'
       + hexadecimal(owner.random) + '-' + std::to_string(number) + ".tmp";
}

/// Removes a number and the character behind it from the beginning of `text`;
/// returns 0 if there is no number, or it does not fit into `T`.
template <class T>
T take(std::string_view& text, int base) {
  T res = 0;
  auto end = std::from_chars(text.data(), text.data() + text.size(), res, base);
  auto taken = static_cast<size_t>(end.ptr - text.data()) + 1;
  text.remove_prefix(std::min(taken, text.size()));
  return res;
}

} // namespace

std::string temporary_name() {
  static std::atomic<uint64_t> counter;
  return name_of(this_temporary_owner(), counter.fetch_add(1));
}

temporary_owner this_temporary_owner() {
  static const auto random = [] {
    std::random_device source;
    return (uint64_t{source()} << 32) | source();
  }();
  // Ask for the process id each time, since a forked process inherits the
  // random number.
  return {::getpid(), random};
}

std::optional<temporary_owner> temporary_owner_of(const std::string& name) {
  if (!name.starts_with(prefix))
    return std::nullopt;
  auto rest = std::string_view{name}.substr(prefix.size());
  temporary_owner res;
  res.process = take<pid_t>(rest, 10);
  res.random = take<uint64_t>(rest, 16);
  auto number = take<uint64_t>(rest, 10);
  // Any other defect makes the names differ.
  if (res.process <= 0 || name_of(res, number) != name)
    return std::nullopt;
  return res;
}

} // namespace spindle::fs
