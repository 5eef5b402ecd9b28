// Which calls to a file system fail, and a count of all calls.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "spindle/export.hpp"

namespace spindle::fs {

/// The kinds of calls, counted together for paths and for open files and
/// directories: `stat` is vfs::stat as well as file::stat.
enum class call_kind : uint8_t {
  open,
  open_directory,
  stat,
  make_directory,
  remove_file,
  remove_directory,
  /// vfs::hold; calls of the held file are not counted.
  hold,
  rename,
  make_link,
  make_hard_link,
  read_link,
  open_link,
  set_permissions,
  set_times,
  set_owner,
  /// open_object::attribute_names and open_object::attribute.
  read_attribute,
  /// open_object::set_attribute and open_object::remove_attribute.
  set_attribute,
  disk_space,
  /// file::read and file::read_at.
  read,
  /// file::write and file::write_at.
  write,
  /// file::wait_ready.
  wait,
  /// file::copy_from.
  copy,
  /// file::clone_from.
  clone,
  /// file::find_data.
  find_data,
  /// file::punch_hole.
  punch_hole,
  /// file::start_writeback.
  start_writeback,
  truncate,
  /// file::sync.
  sync,
  /// file::close; destroying a file without it is no call.
  close,
  /// directory::read.
  list,
  /// directory::sync.
  sync_directory,
};

/// Number of values of `call_kind`, the first of them 0.
inline constexpr size_t call_kind_count
  = static_cast<size_t>(call_kind::sync_directory) + 1;

/// Returns the name of the value, for instance "sync_directory".
SPINDLE_EXPORT std::string to_string(call_kind);

/// Counts calls, and decides which of them fail. All members may be called from
/// several threads at once.
class SPINDLE_EXPORT fault_plan {
public:
  /// Called before each call, in the thread of the caller, without a lock held.
  using observer = std::function<void(call_kind, const std::string& path)>;

  // -- faults -----------------------------------------------------------------

  /// Fails the `nth` call of this kind from now, the next one being the first.
  /// Adds to the faults planned before.
  void fail(call_kind kind, size_t nth, int sys_errno);

  /// Fails the `nth` call of any kind from now, the next one being the first.
  void fail_any(size_t nth, int sys_errno);

  /// Fails each call of this kind from now on.
  void fail_all(call_kind kind, int sys_errno);

  /// Limits each transfer (read, write, copy) to this number of bytes, at
  /// least 1.
  void limit_transfers(size_t bytes);

  /// Cancels all faults and limits; the counters and the observer stay.
  void clear();

  // -- observation ------------------------------------------------------------

  /// Returns how many calls of this kind there have been, failed ones included.
  size_t calls(call_kind kind) const;

  /// Returns how many calls there have been, failed ones included.
  size_t calls() const;

  /// Sets the function to be called before each call; an empty one for none.
  void observe(observer function);

  // -- for those that make the calls ------------------------------------------

  /// Counts a call that is about to be made, and informs the observer.
  /// @returns the errno(3) that the call must fail with, if it must fail.
  std::optional<int> begin_call(call_kind kind, const std::string& path);

  /// Returns how many of the bytes the next transfer may move.
  size_t limited(size_t bytes) const;

private:
  struct fault {
    /// Any kind if not given.
    std::optional<call_kind> kind;
    /// Number of the call that fails: of its kind if there is one, else of all.
    size_t number;
    int sys_errno;
  };

  std::optional<int> take_fault(call_kind kind);

  mutable std::mutex mutex_;
  size_t calls_ = 0;
  std::array<size_t, call_kind_count> calls_by_kind_{};
  std::vector<fault> single_;
  std::array<std::optional<int>, call_kind_count> all_;
  size_t limit_ = SIZE_MAX;
  observer observer_;
};

} // namespace spindle::fs
