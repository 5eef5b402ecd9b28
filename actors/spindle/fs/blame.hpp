// What went wrong while something was copied, and on which side.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace spindle::fs {

/// Which of two paths is to blame.
enum class side : uint8_t { source, target };

/// What went wrong, and where.
struct blame {
  int sys_errno = 0;
  side where = side::source;
  /// Whether an unfinished copy could not be removed.
  bool leftover = false;
  /// What of the source a copy could not keep, for instance "the owner"; empty
  /// if that was not the reason.
  std::string lost{};
};

/// A value, or what went wrong on which side.
template <class T>
using copied = tl::expected<T, blame>;

/// Shorthand for a failure on the side of the source.
inline tl::unexpected<blame> at_source(int sys_errno) {
  return tl::unexpected{blame{.sys_errno = sys_errno, .where = side::source}};
}

/// Shorthand for a failure on the side of the target.
inline tl::unexpected<blame> at_target(int sys_errno) {
  return tl::unexpected{blame{.sys_errno = sys_errno, .where = side::target}};
}

/// What is said before the names of what could not be kept.
inline constexpr const char* lost_text = "cannot be kept there: ";

/// What somebody whose move was refused for that reason can do.
inline constexpr const char* lossy_text = "a lossy move goes on without it";

/// Shorthand for something that a copy could not keep.
inline tl::unexpected<blame> lost(int sys_errno, std::string what) {
  return tl::unexpected{blame{
    .sys_errno = sys_errno, .where = side::target, .lost = std::move(what)}};
}

} // namespace spindle::fs
