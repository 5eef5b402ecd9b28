// A file, pipe or socket that is written in many steps.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/replace.hpp"
#include "spindle/fs/transfer.hpp"
#include "spindle/fs/vfs.hpp"
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
  /// What to write to instead of a path: an open descriptor of this process.
  std::optional<int> descriptor{};
  /// Means nothing for a descriptor.
  write_mode mode = write_mode::truncate;
  /// Where the first byte goes; 0 with `append`, `replace` and a descriptor.
  uint64_t offset = 0;
  bool parents = false;
  uint32_t permissions = 0666;
  spindle::durability durability = durability::none;
  /// Whether zeros become holes where the file has nothing yet: with
  /// `truncate`, `create_new` and `replace`. See fs/holes.hpp.
  bool leave_holes = false;
  /// Whether the descriptor is closed in the end, whatever the end.
  bool close_descriptor = false;
};

/// Writes in steps what `file_write` writes at once. Blocks, so it belongs to
/// whoever has the turn. If neither finished nor abandoned, it is abandoned
/// when destroyed.
class SPINDLE_EXPORT stream {
public:
  // -- constructors, destructors, and assignment operators --------------------

  /// Touches nothing yet.
  stream(vfs_ptr disk, stream_target target);

  stream(const stream&) = delete;

  stream& operator=(const stream&) = delete;

  ~stream();

  // -- properties -------------------------------------------------------------

  const stream_target& target() const {
    return target_;
  }

  /// Returns the bytes written so far, be it to a file that has no name yet.
  uint64_t written() const {
    return written_;
  }

  /// Adds to the failure of a stream that has ended early how much of it is in
  /// the target: `done`, and a clause for people unless nothing was touched.
  void tell_extent(failure& why) const;

  // -- steps ------------------------------------------------------------------

  /// Writes, after what was written before; opens the target first if need be.
  /// A failure ends the stream; later steps fail in the same way.
  /// @param until when a pipe, FIFO or socket that takes no more is given up
  ///        for now.
  /// @returns the number of bytes, fewer than there are if it was given up.
  attempt<uint64_t> write(std::span<const std::byte> bytes, steady_time until);

  /// Makes what was written durable, gives it its name, and closes it. Opens
  /// the target first if need be: a stream of no bytes is an empty file.
  attempt<void> finish();

  /// Closes the target and removes what has no name yet.
  void abandon();

private:
  attempt<uint64_t> write_more(std::span<const std::byte> bytes,
                               steady_time until);

  /// Writes, or leaves holes.
  progress put(file& to, std::span<const std::byte> bytes, steady_time until);

  /// Gives the file its size if it is to end in a hole.
  result<void> end_hole(file& to);

  /// Returns a failure, and removes what has no name yet.
  tl::unexpected<failure> broken(int sys_errno);

  attempt<void> complete();

  /// Remembers a failure, and ends the stream.
  template <class T>
  attempt<T> noted(attempt<T> step);

  /// Fails if the target is no longer where its path leads.
  attempt<void> check();

  attempt<file*> open();

  attempt<void> open_target();

  attempt<void> open_descriptor();

  attempt<void> open_new();

  attempt<void> open_path();

  attempt<void> make_durable();

  /// Finds out how much of what was written is in the target. Comes before the
  /// target is closed, and never fails.
  void measure();

  /// Returns where in the file the last byte written ends, if that is certain.
  std::optional<uint64_t> end_offset() const;

  vfs_ptr disk_;
  stream_target target_;
  /// Where the path led when the first step was taken.
  std::optional<uint64_t> start_;
  uint64_t written_ = 0;
  file_ptr file_;
  std::optional<replacement> replacement_;
  /// Where in the file the first byte goes; a pipe or the like has no such
  /// place.
  std::optional<uint64_t> begin_;
  /// Whether zeros become holes.
  bool holes_ = false;
  /// Whether what was written ends in a hole that the file does not have yet.
  bool hole_at_end_ = false;
  /// Whether anything was done to the target.
  bool opened_ = false;
  /// Whether all was brought to the target.
  bool complete_ = false;
  /// Whether the system could not say what became of the bytes.
  bool in_doubt_ = false;
  bool ended_ = false;
  /// Bytes in the target, and the same for people; known when it has ended.
  uint64_t extent_ = 0;
  std::string extent_text_;
  /// Why it ended, if a step failed.
  std::optional<failure> failed_;
};

} // namespace spindle::fs
