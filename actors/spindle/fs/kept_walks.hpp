// Where walks are that rest between two pages.
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

/// Returns the identity of a directory, if the system tells.
std::optional<directory_id> identify(directory& what);

/// Keeps the places of walks until their next page is asked for, so that no
/// page has to read again what an earlier one has read. Bounded in number,
/// memory and time: those that waited longest go first. A walk whose place is
/// not here any more (or never was, if its cursor is made up) gives the same
/// answers, but has to read the directories again from its path down. Any
/// thread may call.
class SPINDLE_EXPORT kept_walks {
public:
  using clock = std::function<steady_time()>;

  /// How long a place waits at most.
  static constexpr auto max_age = std::chrono::seconds{30};
  static constexpr size_t max_number = 64;
  /// What all places together may take, in bytes.
  static constexpr size_t max_memory = size_t{64} << 20;

  explicit kept_walks(clock now = std::chrono::steady_clock::now);

  /// Returns the place where the page that `op` asks for begins; takes it out,
  /// or makes it of the path in `op`.
  walk_place take(const directory_walk& op, directory_id top);

  /// Keeps the place where the page behind `after` begins.
  void keep(directory_walk op, directory_id top, std::string after,
            walk_place place);

  /// Returns whether no walk is kept.
  bool empty() const noexcept {
    return number_ == 0;
  }

  /// Returns how much memory the places take, in bytes.
  size_t memory();

  /// Drops what has waited too long.
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

  // These want `mutex_` locked.

  void remove(walks::iterator which);

  void remove_old();

  clock now_;
  std::mutex mutex_;
  /// Those that wait longest first.
  walks walks_;
  /// How many there are.
  std::atomic<size_t> number_ = 0;
  size_t memory_ = 0;
};

} // namespace spindle::fs
