// Files, and an action on each of them.
#pragma once

#include "temp_dir.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// What is done to a file.
enum class action { exists, write, read, remove, rename };

inline constexpr std::array all_actions{
  action::exists, action::write, action::read, action::remove, action::rename};

/// Returns whether an action leaves a file as it is.
constexpr bool repeatable(action x) {
  return x == action::exists || x == action::read;
}

/// Returns the name of an action, with the size of what it reads or writes.
std::string to_string(action);

/// Bytes that are written to, and are in, each file.
inline constexpr size_t file_size = 4096;

/// An action on each of many files of one directory, done once or repeatedly.
class workload {
public:
  /// Makes a directory in `parent`, without files at first. Actions that change
  /// nothing are done `repetitions` times to each file, so that a round lasts
  /// at least some milliseconds.
  workload(action what, const std::string& parent, size_t files,
           size_t repetitions = 1);

  /// Brings all files into the state that the action expects. Not part of what
  /// is measured.
  /// @throws std::system_error if that fails.
  void prepare() const;

  action what() const noexcept {
    return what_;
  }

  /// Returns how often the action is done.
  size_t ops() const noexcept {
    return ops_;
  }

  /// Returns the file of the `i`th time.
  const std::string& path(size_t i) const noexcept {
    return paths_[i % paths_.size()];
  }

  /// Returns the name that the file gets, if it is renamed.
  const std::string& target(size_t i) const noexcept {
    return targets_[i % targets_.size()];
  }

  /// Returns what is written.
  std::string_view content() const noexcept {
    return content_;
  }

private:
  action what_;
  size_t ops_;
  kit::temp_dir home_;
  std::vector<std::string> paths_;
  std::vector<std::string> targets_;
  std::string content_ = std::string(file_size, 'x');
};

} // namespace bench
