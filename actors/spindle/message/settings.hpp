// The settings of a queue.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/profile.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace spindle::fs {

class vfs;

using vfs_ptr = std::shared_ptr<vfs>;

} // namespace spindle::fs

namespace spindle {

/// Which engine a queue chooses to wait for the device.
enum class engine_choice : uint8_t {
  /// A ring if the system allows one, else up to four threads. (Named "auto".)
  automatic,
  /// io_uring(7); `spawn_queue` throws if the system does not allow it.
  ring,
  /// Threads: as many as operations may await the device.
  threads,
  /// None: each operation waits by itself.
  plain,
};

/// Number of values of `engine_choice`, the first of them 0.
inline constexpr size_t engine_choice_count = 4;

/// Returns the name of the value, for instance "auto".
SPINDLE_EXPORT std::string to_string(engine_choice);

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

  // -- the device -------------------------------------------------------------

  /// Greatest value of `depth`. A disk actor may have so many threads.
  static constexpr size_t max_depth = 4096;

  /// Operations that may await the device at once, at most `max_depth`. With 1,
  /// each waits by itself, as with `engine_choice::plain`.
  size_t depth = 64;
  /// What waits for the device. Without a device, for instance with a disk in
  /// memory, it is as with `engine_choice::plain`.
  engine_choice engine = engine_choice::automatic;

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
