// An open directory, and the check that its path still leads to it.
#pragma once

#include "spindle/fs/failures.hpp"
#include "spindle/fs/posix/posix_file.hpp"
#include "spindle/ops/root_terms.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace spindle::fs {

/// Identifies a directory and its mount.
struct root_identity {
  uint64_t device = 0;
  uint64_t inode = 0;
  /// 0 before Linux 5.8, which does not return it.
  uint64_t mount = 0;

  bool operator==(const root_identity&) const = default;

  /// Returns whether it is the same directory, possibly in another mount.
  bool is_same_directory(const root_identity& other) const {
    return device == other.device && inode == other.inode;
  }
};

/// Keeps a directory open and detects when its path leads elsewhere: when a
/// file system is mounted over it, when it is unmounted, or when it is
/// replaced. While it is open, its device and inode are not reused. All members
/// may be called from any thread, except that `check` has a restriction.
class root_directory {
public:
  static attempt<std::unique_ptr<root_directory>> open(const std::string& path,
                                                       root_terms terms);

  /// Returns the directory; always the same object.
  const directory& get() const {
    return *open_;
  }

  /// Checks that the path leads to the open directory; ESTALE if not. Switches
  /// to the directory that `open_anew` has opened, so no other thread may use
  /// the directory during the call.
  result<uint64_t> check();

  /// Opens the directory at the path now. It is used from the next `check` on.
  /// @returns whether it differs from the open directory.
  attempt<bool> open_anew();

private:
  struct candidate {
    posix::descriptor opened;
    root_identity id;
  };

  root_directory(std::string path, root_terms terms, candidate first);

  static attempt<candidate> find(const std::string& path,
                                 const root_terms& terms);

  /// Replaces the open directory, keeping the descriptor number.
  result<void> use(candidate other);

  /// Returns why the directory cannot be used, if it cannot. The caller holds
  /// `mutex_`.
  std::optional<failure> defect();

  const std::string path_;
  const root_terms terms_;
  std::unique_ptr<posix::open_directory> open_;

  std::mutex mutex_;
  root_identity id_;
  uint64_t generation_ = 0;
  /// Opened by `open_anew`, not in use yet.
  std::optional<candidate> next_;
  bool is_lost_ = false;
};

} // namespace spindle::fs
