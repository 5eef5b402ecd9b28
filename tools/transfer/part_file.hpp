// The incomplete file of a transfer.
#pragma once

#include "cli/disk_access.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace spindle::tool {

/// What `part_file::commit` sets.
struct part_attributes {
  /// Whether an existing target is replaced.
  bool overwrite = true;
  /// Regardless of the umask; if not given, those of its creation stay.
  std::optional<uint32_t> permissions{};
  std::optional<file_time> accessed{};
  std::optional<file_time> modified{};
};

/// Writes a part, which becomes the target when it is complete. The part stays
/// if the transfer ends early, so that a later transfer can resume.
///
/// A part is in the directory of its target, with a name made from that of the
/// target (`part_name`). An existing file of this name is used as the part only
/// if it belongs to the user that the disk works for, has no further hard
/// links, and nobody else may write it. Other files are left alone, and the
/// part gets another name.
class part_file {
public:
  using note = std::function<void(const std::string&)>;

  /// @param resumable whether a later transfer may resume with this part. Else
  ///        it has a temporary name, and must be discarded after a failure.
  /// @param on_note is called with messages for the user.
  part_file(disk_access& disk, std::string target, bool resumable,
            note on_note);

  const std::string& path() const {
    return path_;
  }

  /// Chooses the name of the part.
  /// @returns the size of an existing part, else 0. Fails if the target must
  ///          not be replaced.
  attempt<uint64_t> look();

  /// Requests the checksum of a range of bytes.
  pending_answer checksum(uint64_t offset, uint64_t length);

  /// Opens the part for `write`. Resumes if `offset` is the size that `look`
  /// returned; otherwise, creates a new file.
  /// @param permissions maximum of its permissions until it is complete, before
  ///        the umask.
  attempt<void> begin(uint64_t offset, uint32_t permissions);

  /// Makes later writes leave holes for long runs of zeros.
  void leave_holes() {
    holes_ = true;
  }

  /// Writes the next bytes. Waits only for the oldest write if `chunk_window`
  /// writes are in flight.
  attempt<void> write(const buffer& bytes);

  /// Waits for all writes in flight.
  attempt<void> flush();

  /// Likewise, and extends the file by a hole at its end.
  attempt<void> fill_up();

  /// Sets the attributes of the part, syncs it, and renames it to the target.
  /// Fails before the rename if another file has the name of the part.
  attempt<void> commit(const part_attributes& attributes);

  /// Removes the part, if `begin` was called.
  void discard();

  /// Returns how many bytes from the beginning are known to be written.
  /// Thread-safe.
  uint64_t confirmed() const {
    return confirmed_;
  }

  /// Returns whether more bytes may be written than `confirmed`. Thread-safe.
  bool is_uncertain() const {
    return uncertain_;
  }

private:
  struct pending_write {
    pending_answer answer;
    uint64_t begin;
  };

  attempt<std::optional<file_info>> stat(const std::string& path);

  attempt<void> check_target();

  /// Returns why a file cannot be used as the part, or nothing if it can.
  attempt<std::optional<std::string>> defect_of(const file_info& info);

  /// Creates an empty file, calls stat on it, and removes it.
  attempt<file_info> probe();

  attempt<void> create(uint32_t permissions);

  /// Removes all permissions of the part that are not in `permissions`.
  attempt<void> restrict(uint32_t permissions);

  attempt<void> write_data(buffer bytes);

  /// Waits for the oldest write in flight.
  attempt<void> finish_one();

  /// Truncates the part after a failed write, which may have left a gap.
  void drop_rest(uint64_t size);

  /// Sets the attributes, syncs, and checks that the part is still the same
  /// file.
  attempt<void> complete(const part_attributes& attributes);

  /// Replaces the path of the part by that of the target in a failure.
  template <class T>
  attempt<T> blamed(attempt<T> step) const {
    if (!step && step.error().path == path_)
      step.error().path = target_;
    return step;
  }

  disk_access& disk_;
  std::string target_;
  /// The directory of the target, so that `parent_ + name_` is the target.
  std::string parent_;
  std::string name_;
  bool resumable_;
  note on_note_;
  std::string path_;
  /// The part, once it was found or created.
  std::optional<file_info> found_;
  /// Whether `discard` may remove it.
  bool is_made_ = false;
  /// A new file in this directory, as `probe` found it.
  std::optional<file_info> probed_;
  std::atomic<uint64_t> confirmed_ = 0;
  std::atomic<bool> uncertain_ = false;
  bool holes_ = false;
  /// Offset of the next bytes.
  uint64_t offset_ = 0;
  /// Size of the part after all writes in flight; less than `offset_` if a hole
  /// is at the end.
  uint64_t size_ = 0;
  std::deque<pending_write> writes_;
};

} // namespace spindle::tool
