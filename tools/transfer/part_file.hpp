// A file that is not complete yet.
#pragma once

#include "cli/disk_access.hpp"

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>

namespace spindle::tool {

/// What a file gets when it is complete.
struct part_attributes {
  /// Whether it may take the place of another file.
  bool overwrite = true;
  /// Whatever the umask says; those of its creation if not given.
  std::optional<uint32_t> permissions{};
  std::optional<file_time> accessed{};
  std::optional<file_time> modified{};
};

/// Writes a part, which becomes the target when it is complete. Whatever
/// happens before, it stays, to go on from there.
///
/// A part lies beside its target, under a name that is made from that of the
/// target (`part_name`). What already has this name is taken for a part only if
/// it is a file of whom the disk works for, with no other name, that nobody
/// else may write. Anything else is left alone, and the part gets another name.
class part_file {
public:
  using note = std::function<void(const std::string&)>;

  /// @param resumable whether what is written may be of use to a later run.
  ///        Else it has a temporary name, and is to be discarded.
  /// @param on_note gets what people should know.
  part_file(disk_access& disk, std::string target, bool resumable,
            note on_note);

  const std::string& path() const {
    return path_;
  }

  /// Chooses the name of the part, and returns how many bytes are in it
  /// already. Fails if the target must not be replaced.
  attempt<uint64_t> look();

  /// Starts the checksum of a range of bytes.
  pending_answer checksum(uint64_t offset, uint64_t length);

  /// Goes on behind `offset`, which is what `look` returned, or starts anew
  /// with a file that nobody else made.
  /// @param permissions the most that it may have until it is complete, before
  ///        the umask.
  attempt<void> begin(uint64_t offset, uint32_t permissions);

  /// Leaves holes where many zeros come one after the other, from now on.
  void leave_holes() {
    holes_ = true;
  }

  /// Writes the next bytes. Does not wait for them to be written, but for those
  /// of long before.
  attempt<void> write(const buffer& bytes);

  /// Waits until everything is written.
  attempt<void> flush();

  /// Does this as well, and makes a hole at the end part of the file.
  attempt<void> fill_up();

  /// Gives the part its attributes, brings it to the device, and gives it the
  /// name of the target, in the place of another file if there is one. Does not
  /// do the latter if something else has the name of the part meanwhile.
  attempt<void> commit(const part_attributes& attributes);

  /// Removes the part, if it was begun.
  void discard();

  /// Returns how many bytes from the beginning are written for sure. Any thread
  /// may call.
  uint64_t confirmed() const {
    return confirmed_;
  }

  /// Returns whether there may be more than that. Any thread may call.
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

  /// Returns why something is no part of ours; nothing if it is one.
  attempt<std::optional<std::string>> defect_of(const file_info& info);

  /// Makes an empty file, looks at what it is, and removes it.
  attempt<file_info> probe();

  attempt<void> create(uint32_t permissions);

  /// Takes permissions away that the part must not have.
  attempt<void> restrict(uint32_t permissions);

  attempt<void> write_data(buffer bytes);

  attempt<void> finish_one();

  /// Drops what was written behind a gap that a failed write has left.
  void drop_rest(uint64_t size);

  attempt<void> complete(const part_attributes& attributes);

  /// Blames the target for what the part cannot do.
  template <class T>
  attempt<T> blamed(attempt<T> step) const {
    if (!step && step.error().path == path_)
      step.error().path = target_;
    return step;
  }

  disk_access& disk_;
  std::string target_;
  /// The directory, with a slash if one must be between it and a name.
  std::string parent_;
  std::string name_;
  bool resumable_;
  note on_note_;
  std::string path_;
  /// What has the name of the part, once it is known to be ours.
  std::optional<file_info> found_;
  /// Whether it is ours to be removed.
  bool is_made_ = false;
  /// What a file of ours looks like here.
  std::optional<file_info> probed_;
  std::atomic<uint64_t> confirmed_ = 0;
  std::atomic<bool> uncertain_ = false;
  bool holes_ = false;
  /// Where the next bytes go.
  uint64_t offset_ = 0;
  /// How large the part is when all is written; less if a hole comes next.
  uint64_t size_ = 0;
  std::deque<pending_write> writes_;
};

} // namespace spindle::tool
