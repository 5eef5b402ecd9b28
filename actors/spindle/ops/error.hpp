// Errors of operations, in a form that can be sent to the client.
#pragma once

#include "spindle/export.hpp"
#include "spindle/ops/describe.hpp"

#include <cstdint>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

namespace spindle {

/// Why an operation did not succeed.
enum class errc : uint8_t {
  /// No error.
  none = 0,
  /// The path, or a directory on the way to it, does not exist.
  not_found,
  /// The target exists and the operation was not told to overwrite it.
  already_exists,
  /// The permissions of the path or of its directory forbid the operation.
  permission_denied,
  /// The path is a directory where something else was expected.
  is_a_directory,
  /// The path, or something on the way to it, is not a directory.
  not_a_directory,
  /// The directory has entries and the operation was not recursive.
  directory_not_empty,
  /// The device is full or a quota is used up.
  no_space,
  /// The file system is mounted read-only.
  read_only,
  /// A name or a path is longer than the file system allows.
  name_too_long,
  /// Resolving the path meets too many symbolic links.
  too_many_links,
  /// The process or the system ran out of file descriptors.
  too_many_open_files,
  /// The arguments contradict each other, or do not fit what the path refers
  /// to.
  invalid_argument,
  /// The two paths are on different devices.
  cross_device,
  /// The file or directory is in use.
  busy,
  /// The device failed, or lost data that it had accepted.
  io_error,
  /// A pipe, FIFO or socket was not ready to read or write before the timeout.
  would_block,
  /// The pipe, FIFO or socket has no reader.
  no_reader,
  /// The operation needs more data than the settings allow.
  too_large,
  /// The file system does not support the operation.
  not_supported,
  /// Part of a recursive operation failed; the failure names each part.
  partial_failure,
  /// The system reported an errno that no other value stands for.
  system_error,
  /// The queue has reached its limit of operations or bytes; nothing was done.
  queue_full,
  /// The queue is shutting down or shut down; nothing was done.
  shut_down,
  /// The operation was cancelled. One that was already running says in `detail`
  /// how far it got.
  cancelled,
  /// Not executed: an earlier operation of the list failed, and the list stops
  /// on errors.
  skipped,
  /// The disk actor died while it had the operation, which may be done in part.
  disk_actor_failed,
  /// The message exceeds a limit of the settings; nothing was done.
  limit_exceeded,
  /// The deadline passed before the operation was finished.
  timed_out,
  /// The predecessor in the chain failed, was cancelled or was lost; nothing
  /// was written.
  chain_broken,
  /// The writer was killed, or its node was lost; it may have written in part.
  writer_lost,
  /// There is no connection to the node, or it was lost; the operation may have
  /// been done.
  node_lost,
  /// The node no longer knows whether the request with this id was executed; it
  /// did not execute it now.
  request_expired,
  /// The open directory of a volume, or of a network file system, is no longer
  /// at its path (ESTALE). An operation that was already running says in
  /// `detail` how far it got.
  stale,
};

/// Number of values of `errc`, the first of them 0.
inline constexpr size_t errc_count = static_cast<size_t>(errc::stale) + 1;

/// Returns the name of the value, for instance "not_found".
SPINDLE_EXPORT std::string to_string(errc);

/// Returns the value for an errno(3).
SPINDLE_EXPORT errc errc_of(int sys_errno);

/// An entry that a recursive operation could not handle.
struct entry_failure {
  /// Path of the entry below the path of the operation.
  std::string path{};
  /// Value of errno(3).
  int32_t sys_errno = 0;

  bool operator==(const entry_failure&) const = default;

  static constexpr const char* type_name = "entry_failure";
  static constexpr auto fields
    = std::tuple{field{"path", &entry_failure::path},
                 field{"errno", &entry_failure::sys_errno}};
};

/// Everything known about an operation that did not succeed.
struct failure {
  errc code = errc::none;
  /// Name of the operation, for instance "file_read".
  std::string operation{};
  /// The path that failed; for an operation with two paths, the one that caused
  /// the failure.
  std::string path{};
  /// Value of errno(3), or 0 if no system call failed.
  int32_t sys_errno = 0;
  /// Further explanation, a clause without a full stop; may be empty.
  std::string detail{};
  /// Entries (recursive operations) or bytes (transfers) done before or despite
  /// the failure.
  uint64_t done = 0;
  /// The first hundred entries that could not be handled.
  std::vector<entry_failure> entries{};
  /// With `errc::chain_broken`: number of writers between this one and the
  /// first that failed.
  uint64_t links = 0;

  bool operator==(const failure&) const = default;

  static constexpr const char* type_name = "failure";
  static constexpr auto fields = std::tuple{
    field{"code", &failure::code},
    field{"operation", &failure::operation},
    field{"path", &failure::path},
    field{"errno", &failure::sys_errno},
    field{"detail", &failure::detail},
    field{"done", &failure::done},
    field{"entries", &failure::entries},
    field{"links", &failure::links},
  };
};

/// Returns what the user can do about the error, a clause without a full stop;
/// empty if that is obvious or depends on the operation.
SPINDLE_EXPORT std::string remedy_of(errc);

/// Returns a readable line: operation, path, reason, detail and remedy.
SPINDLE_EXPORT std::string to_string(const failure&);

/// Returns a readable line for an exception. `std::bad_alloc` and
/// `std::length_error`, whose `what` names C++ functions, become "there is not
/// enough memory".
SPINDLE_EXPORT std::string to_words(const std::exception&);

} // namespace spindle
