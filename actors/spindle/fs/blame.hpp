// Errors of a copy, and whether source or target caused them.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace spindle::fs {

/// The path that caused an error.
enum class side : uint8_t { source, target };

/// An error of a copy, and the side that caused it.
struct blame {
  int sys_errno = 0;
  side where = side::source;
  /// Whether an unfinished copy could not be removed.
  bool leftover = false;
  /// The property of the source that the copy could not keep, for instance "the
  /// owner"; empty if that was not the reason.
  std::string lost{};
};

/// A value, or an error and its side.
template <class T>
using copied = tl::expected<T, blame>;

/// Shorthand for an error of the source.
inline tl::unexpected<blame> at_source(int sys_errno) {
  return tl::unexpected{blame{.sys_errno = sys_errno, .where = side::source}};
}

/// Shorthand for an error of the target.
inline tl::unexpected<blame> at_target(int sys_errno) {
  return tl::unexpected{blame{.sys_errno = sys_errno, .where = side::target}};
}

/// Text before the names of the properties that could not be kept.
inline constexpr const char* lost_text = "cannot be kept there: ";

/// The remedy if a move was refused for that reason.
inline constexpr const char* lossy_text = "a lossy move goes on without it";

/// Shorthand for a property that a copy could not keep.
inline tl::unexpected<blame> lost(int sys_errno, std::string what) {
  return tl::unexpected{blame{
    .sys_errno = sys_errno, .where = side::target, .lost = std::move(what)}};
}

} // namespace spindle::fs
