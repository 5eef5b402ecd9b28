// What a queue may do at once, and how it shares the disk.
#pragma once

#include "spindle/message/profile.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace spindle::fs {

class vfs;

using vfs_ptr = std::shared_ptr<vfs>;

} // namespace spindle::fs

namespace spindle {

/// Limits of a queue and of its turns. The defaults suit one disk of a server.
struct settings {
  // -- admission --------------------------------------------------------------

  /// Operations that the queue holds at once; more are `errc::queue_full`.
  /// Operations and embedded lists of oplists count one by one, until their
  /// result is delivered.
  size_t max_pending_ops = 4'000'000;
  /// Bytes that these operations carry at once.
  uint64_t max_pending_bytes = uint64_t{1} << 30;
  /// Operations and embedded lists in one oplist; more are
  /// `errc::limit_exceeded`.
  size_t max_oplist_length = 1'000'000;
  /// How deep oplists may be nested.
  size_t max_oplist_depth = 64;

  // -- turns ------------------------------------------------------------------

  /// Operations after which a disk actor passes the turn.
  size_t ops_per_turn = 64;
  /// Bytes read or written after which it passes the turn.
  uint64_t bytes_per_turn = uint64_t{8} << 20;
  /// Time after which it passes the turn; also how long a pipe, FIFO or socket
  /// may keep it waiting.
  std::chrono::nanoseconds turn_quantum = std::chrono::milliseconds{10};

  // -- single operations ------------------------------------------------------

  /// Bytes that one `file_read` may return; more are `errc::too_large`.
  uint64_t max_read_bytes = uint64_t{1} << 30;
  /// Entries that one listing may return; more are `errc::too_large`.
  uint64_t max_listed_entries = 1'000'000;

  // -- writers ----------------------------------------------------------------

  /// Writers that are alive at once; more fail with `errc::limit_exceeded`.
  size_t max_writers = 100'000;
  /// Bytes that a writer holds of what it is given by `append_data`.
  uint64_t max_buffered_bytes = uint64_t{64} << 20;
  /// Writers that ended and whose end is remembered, so that a chain learns of
  /// it later.
  size_t max_remembered_writers = 10'000;
  /// What writers choose from.
  std::vector<profile> profiles = built_in_profiles();

  // -- surroundings -----------------------------------------------------------

  /// Whether the supervisor and the callback actor have threads of their own
  /// too, and not just the disk actors.
  bool detach_all = false;
  /// The file system; the real one if null.
  fs::vfs_ptr disk{};
};

} // namespace spindle
