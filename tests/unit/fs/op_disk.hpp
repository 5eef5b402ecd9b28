// Performs operations on disks, and checks their answers.
#pragma once

#include "failure_of.hpp"
#include "vfs_disks.hpp"

#include "spindle/fs/execute.hpp"
#include "spindle/fs/testing/dump.hpp"

#include <string>
#include <utility>
#include <variant>

namespace kit {

/// Performs an operation, and checks the common properties of its answer.
template <class Op>
spindle::attempt<typename Op::output>
perform(spindle::fs::vfs& files, const Op& op,
        const spindle::fs::limits& bounds = {},
        spindle::fs::kept_walks* walks = nullptr) {
  auto res = spindle::fs::execute(files, op, bounds, {.walks = walks});
  if (!res) {
    auto& why = res.error();
    if (why.operation != Op::type_name || why.code == spindle::errc::none)
      throw std::logic_error{"bad failure: " + to_string(why)};
    return tl::unexpected{std::move(why)};
  }
  return std::get<typename Op::output>(*std::move(res));
}

/// Returns the name of the code of the failure, or "none".
template <class T>
std::string code_of(const spindle::attempt<T>& res) {
  return to_string(failure_of(res).code);
}

/// Returns the value, or throws the failure as text.
template <class T>
T output_of(spindle::attempt<T> res) {
  if (!res)
    throw std::runtime_error{to_string(res.error()) + " [" + res.error().detail
                             + ']'};
  return std::move(*res);
}

/// A disk for operations, with absolute paths or paths relative to its root.
class op_disk : public disk {
public:
  template <class... Ts>
  explicit op_disk(Ts&&... args) : disk(std::forward<Ts>(args)...) {
    // The same as that of memory_vfs.
    ::umask(022);
  }

  std::string operator/(const std::string& name) const {
    return path() + '/' + name;
  }

  template <class Op>
  spindle::attempt<typename Op::output>
  operator()(const Op& op, const spindle::fs::limits& bounds = {}) {
    return perform(files(), op, bounds);
  }

  /// Returns the whole tree as text.
  std::string dump() {
    return dump_of(files(), base());
  }

  /// Returns the content of a file, or the text of the error.
  std::string text(const std::string& name) {
    auto res = get(name);
    return res ? *res : std::string{strerrorname_np(res.error())};
  }

  /// Returns the names in a directory, each followed by a space.
  std::string names_in(const std::string& name = ".") {
    std::string res;
    for (auto& entry : value_of(read_entries(*value_of(open_directory(name)))))
      res += entry.name + ' ';
    return res;
  }

  uint32_t permissions(const std::string& name) {
    return value_of(stat(name, false)).permissions;
  }
};

/// Returns a text of this size in which neighbours differ.
inline std::string pattern(size_t size) {
  std::string res(size, 'x');
  for (size_t i = 0; i < size; ++i)
    res[i] = static_cast<char>('a' + i * 7 % 26);
  return res;
}

/// Returns the text that an operation reads, or the code of its error.
inline std::string read_text(op_disk& from, const spindle::file_read& op,
                             const spindle::fs::limits& bounds = {}) {
  auto res = from(op, bounds);
  return res ? std::string{res->text()} : code_of(res);
}

} // namespace kit
