// What an operation brings to the device after it has taken effect, so that the
// syncs of many operations can wait for the device together.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/device_calls.hpp"
#include "spindle/fs/failures.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/attempt.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spindle::fs {

/// The last syncs of an operation. They belong to rounds: those of one round
/// may be made at the same time.
class SPINDLE_EXPORT final_syncs {
public:
  /// Adds an open file, which is closed after its sync.
  /// @param why the failure of the operation if that fails; its code and errno
  ///        are set then.
  /// @param extent what the operation has written then.
  void add(file_ptr what, sync_mode mode, failure why, written extent = {});

  /// Adds an open directory; like a file.
  void add(directory_ptr what, failure why, written extent = {});

  /// Adds a failure to prepare a sync: the operation fails with it after all
  /// syncs before were made.
  void add_failed(failure why, written extent = {});

  /// Begins another round, for syncs that must follow those before.
  void then();

  bool empty() const noexcept {
    return entries_.empty();
  }

  /// Returns the calls of the next round, to be made before the next call; none
  /// if all rounds were made, or a sync has failed.
  std::vector<sync_call*> next_round();

  /// Makes the rounds that are left in this thread.
  /// @returns the first failure of all rounds.
  attempt<void> run();

  /// Like `run`, for an operation: the failure says what it has written.
  attempt<void> run_as(std::string_view operation);

  /// Returns whether the first failure is that of a file.
  bool has_lost_content() const noexcept {
    return lost_content_;
  }

private:
  struct entry {
    file_ptr as_file;
    directory_ptr as_directory;
    /// Null if the sync could not be prepared.
    std::unique_ptr<sync_call> call;
    failure why;
    written extent;
    size_t round;
  };

  /// Takes the results of the calls that were made.
  void finish_made();

  /// Closes what was synced.
  static attempt<void> finish_entry(entry& what);

  std::vector<entry> entries_;
  /// The round of what is added.
  size_t rounds_ = 0;
  /// First entry that is not yet made, and first without a result.
  size_t next_ = 0;
  size_t finished_ = 0;
  /// The first failure of the rounds that were made.
  std::optional<failure> failed_;
  written extent_;
  bool lost_content_ = false;
};

} // namespace spindle::fs
