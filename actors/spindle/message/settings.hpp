// The settings of a queue.
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

/// The settings of a queue: mostly limits. The defaults suit one disk of a
/// server.
struct settings {
  // -- admission --------------------------------------------------------------

  /// Operations that are admitted and whose result is not delivered; more fail
  /// with `errc::queue_full`. Each operation and each embedded list of an
  /// oplist counts, and so does an empty oplist (`oplist::cost`).
  size_t max_pending_ops = 4'000'000;
  /// Bytes that these operations carry; more fail with `errc::queue_full`.
  uint64_t max_pending_bytes = uint64_t{1} << 30;
  /// Operations and embedded lists in one oplist (`oplist::cost`); more fail
  /// with `errc::limit_exceeded`.
  size_t max_oplist_length = 1'000'000;
  /// Levels of nested oplists (`oplist::depth`); more fail with
  /// `errc::limit_exceeded`.
  size_t max_oplist_depth = 64;

  // -- turns ------------------------------------------------------------------

  /// Operations after which a disk actor passes the turn.
  size_t ops_per_turn = 64;
  /// Bytes read or written after which it passes the turn.
  uint64_t bytes_per_turn = uint64_t{8} << 20;
  /// Time after which it passes the turn; also the longest time that it waits
  /// for a full pipe, FIFO or socket.
  std::chrono::nanoseconds turn_quantum = std::chrono::milliseconds{10};

  // -- single operations ------------------------------------------------------

  /// Bytes that one `file_read` may return; more fail with `errc::too_large`.
  uint64_t max_read_bytes = uint64_t{1} << 30;
  /// Entries that one listing may return; more fail with `errc::too_large`.
  uint64_t max_listed_entries = 1'000'000;

  // -- writers ----------------------------------------------------------------

  /// Writers that are alive at once; more fail with `errc::limit_exceeded`.
  size_t max_writers = 100'000;
  /// Bytes that a writer holds at which it accepts no more `append_data`.
  uint64_t max_buffered_bytes = uint64_t{64} << 20;
  /// Ended writers whose last status is kept, for `recall_writer` and chains.
  size_t max_remembered_writers = 10'000;
  /// The profiles that writers can choose by name.
  std::vector<profile> profiles = built_in_profiles();

  // -- environment ------------------------------------------------------------

  /// Whether the supervisor and the callback actor have threads of their own,
  /// as the disk actors always have.
  bool detach_all = false;
  /// The file system; the real one if null.
  fs::vfs_ptr disk{};
};

} // namespace spindle
