// The positions of walks between two pages.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/fs/walk.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>

namespace spindle::fs {

/// Device and inode of a directory.
struct directory_id {
  uint64_t device = 0;
  uint64_t inode = 0;

  bool operator==(const directory_id&) const = default;
};

/// Returns device and inode of a directory; nothing if stat fails.
std::optional<directory_id> identify(directory& what);

/// Keeps the positions of walks until their next page is requested, so that a
/// page need not read again what an earlier page has read. Bounded in number,
/// memory and time: the oldest is dropped first. A walk without a kept position
/// (dropped, or the cursor was made up) gives the same answers, but reads the
/// directories on its path again. Any thread may call.
class SPINDLE_EXPORT kept_walks {
public:
  using clock = std::function<steady_time()>;

  /// Maximum time that a position is kept.
  static constexpr auto max_age = std::chrono::seconds{30};
  static constexpr size_t max_number = 64;
  /// Maximum memory of all positions together, in bytes.
  static constexpr size_t max_memory = size_t{64} << 20;

  explicit kept_walks(clock now = std::chrono::steady_clock::now);

  /// Returns the position where the page that `op` requests begins. Removes it
  /// from here, or makes it from the path in `op`.
  walk_place take(const directory_walk& op, directory_id top);

  /// Keeps the position where the page behind `after` begins.
  void keep(directory_walk op, directory_id top, std::string after,
            walk_place place);

  /// Returns whether no walk is kept.
  bool empty() const noexcept {
    return number_ == 0;
  }

  /// Returns the memory of all positions, in bytes.
  size_t memory();

  /// Drops positions older than `max_age`.
  void drop_old();

private:
  struct walk {
    directory_walk op;
    directory_id top;
    walk_place place;
    steady_time since;
    size_t memory = 0;
  };

  using walks = std::list<walk>;

  // The caller must hold `mutex_`.

  void remove(walks::iterator which);

  void remove_old();

  clock now_;
  std::mutex mutex_;
  /// Oldest first.
  walks walks_;
  /// Size of `walks_`, readable without the mutex.
  std::atomic<size_t> number_ = 0;
  size_t memory_ = 0;
};

} // namespace spindle::fs
