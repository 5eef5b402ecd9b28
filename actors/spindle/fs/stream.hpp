// A file, pipe or socket that is written in several steps.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/final_syncs.hpp"
#include "spindle/fs/freed_space.hpp"
#include "spindle/fs/replace.hpp"
#include "spindle/fs/transfer.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/fs/writeback.hpp"
#include "spindle/ops/operations.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace spindle::fs {

/// What to write, and how.
struct stream_target {
  std::string path{};
  /// An open descriptor of this process, used instead of the path.
  std::optional<int> descriptor{};
  /// Ignored for a descriptor.
  write_mode mode = write_mode::truncate;
  /// Offset of the first byte; must be 0 with `append`, `replace` and a
  /// descriptor.
  uint64_t offset = 0;
  bool parents = false;
  uint32_t permissions = 0666;
  spindle::durability durability = durability::none;
  /// Whether zeros become holes, which works only where the file has no data
  /// yet: with `truncate`, `create_new` and `replace`. See fs/holes.hpp.
  bool leave_holes = false;
  /// Whether the stream closes the descriptor when it ends, also after a
  /// failure.
  bool close_descriptor = false;
};

/// Does in steps what `file_write` does at once. All steps block, so only the
/// holder of the turn may call them. The destructor abandons a stream that is
/// not finished.
class SPINDLE_EXPORT stream {
public:
  // -- constructors, destructors, and assignment operators --------------------

  /// Does not access the disk.
  stream(vfs_ptr disk, stream_target target);

  stream(const stream&) = delete;

  stream& operator=(const stream&) = delete;

  ~stream();

  // -- properties -------------------------------------------------------------

  const stream_target& target() const {
    return target_;
  }

  /// Returns the number of bytes written so far, also to a file that has only
  /// its temporary name.
  uint64_t written() const {
    return written_;
  }

  /// Adds to the failure of a stream how much of it is in the target: sets
  /// `done`, and extends `detail` unless the target was never opened.
  void tell_extent(failure& why) const;

  // -- steps ------------------------------------------------------------------

  /// Appends bytes to those written before; the first call opens the target. A
  /// failure ends the stream; later steps return the same failure. While
  /// `is_shrinking`, a call truncates a large file by one step, and writes
  /// nothing.
  /// @param until deadline for a pipe, FIFO or socket that does not accept more
  ///        data.
  /// @returns the number of bytes written, fewer than `bytes` if the deadline
  ///          passed.
  attempt<uint64_t> write(std::span<const std::byte> bytes, steady_time until);

  /// Returns whether old content must be removed before bytes are written.
  bool is_shrinking() const {
    return shrinking_.has_value();
  }

  /// Syncs the target as its durability says, gives it its final name, and
  /// closes it. Opens the target if nothing was written: an empty stream makes
  /// an empty file.
  attempt<void> finish();

  /// Like `finish`, but leaves the syncs that come last to others, and may
  /// await the device before. The stream must outlive the coroutine.
  value_or_task<attempt<void>> finish(final_syncs& last, slices rests);

  /// Returns whether the stream is finished, but the disk space of the large
  /// file that it replaced may still be in use.
  bool is_freeing() const {
    return complete_ && !failed_ && freed_;
  }

  /// Waits about a millisecond until that disk space is free.
  /// @returns whether it is, or takes too long to become free.
  bool wait_free();

  /// Returns the large file that was replaced, or that was discarded by a
  /// failure, unless its disk space is known to be free. Else null.
  held_ptr take_freed() {
    return std::move(freed_);
  }

  /// Closes the target, and removes a file that has only its temporary name.
  void abandon();

private:
  attempt<uint64_t> write_more(std::span<const std::byte> bytes,
                               steady_time until);

  /// Begins to write to the device what was written, if the end of the stream
  /// will flush it.
  result<void> start_writeback(file& to);

  /// Writes bytes, or skips zeros to leave holes.
  progress put(file& to, std::span<const std::byte> bytes, steady_time until);

  /// Extends the file to its size if it ends in a hole.
  result<void> end_hole(file& to);

  /// Makes a failure, and removes a file that has only its temporary name.
  tl::unexpected<failure> broken(int sys_errno);

  /// Removes the file that has only its temporary name. Adds to `why` if that
  /// fails.
  void discard(failure& why);

  /// Writes what is left of the content: nothing but holes and old content.
  attempt<void> end_content();

  /// Gives a file that has a temporary name its final name.
  task<attempt<void>> commit(final_syncs& last, slices rests);

  /// Remembers a failure, and ends the stream.
  template <class T>
  attempt<T> noted(attempt<T> step);

  /// Fails if the root that the path starts at has changed since the first
  /// step.
  attempt<void> check();

  attempt<file*> open();

  attempt<void> open_target();

  attempt<void> open_descriptor();

  attempt<void> open_new();

  attempt<void> open_path();

  /// Truncates the target to the offset where the stream begins, or plans to do
  /// so in steps if it is a large file.
  /// @returns whether that removes bytes.
  result<bool> shorten(file& opened);

  /// Truncates a large file that has been truncated in part.
  result<void> finish_shrinking();

  /// Closes the target, or leaves that to its last sync.
  attempt<void> make_durable(final_syncs& last);

  /// Finds out how much of the stream is in the target. Must be called before
  /// the target is closed; never fails.
  void measure();

  /// Says that nothing is known of what was written.
  void set_unknown_extent();

  /// Returns the offset behind the last byte written, if that is certain.
  std::optional<uint64_t> end_offset() const;

  vfs_ptr disk_;
  stream_target target_;
  /// Result of `vfs::check_start` at the first step.
  std::optional<uint64_t> start_;
  uint64_t written_ = 0;
  file_ptr file_;
  std::optional<replacement> replacement_;
  /// Truncates a large file before bytes are written; empty when done.
  std::optional<shrinking> shrinking_;
  /// Set if the end of the stream will flush the file.
  std::optional<early_writeback> writeback_;
  /// Large file that was replaced or discarded; null if there is none.
  held_ptr freed_;
  /// How long the stream has waited for its disk space.
  space_wait freeing_;
  /// Offset of the first byte in the file; empty for a pipe, FIFO or socket.
  std::optional<uint64_t> begin_;
  /// Whether zeros become holes.
  bool holes_ = false;
  /// Whether the data ends in a hole that is not yet part of the file size.
  bool hole_at_end_ = false;
  /// Whether the target was opened.
  bool opened_ = false;
  /// Whether the whole stream is in the target.
  bool complete_ = false;
  /// Whether a truncate, sync or close failed, so that it is unknown which
  /// bytes arrived.
  bool in_doubt_ = false;
  bool ended_ = false;
  /// Bytes in the target, and a clause that says so; valid when the stream has
  /// ended.
  uint64_t extent_ = 0;
  std::string extent_text_;
  /// The failure that ended the stream, if any.
  std::optional<failure> failed_;
};

} // namespace spindle::fs
