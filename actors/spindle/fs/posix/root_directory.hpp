// The directory at a path, and whether the path still leads to it.
#pragma once

#include "spindle/fs/attempt.hpp"
#include "spindle/fs/posix/posix_file.hpp"
#include "spindle/ops/root_terms.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace spindle::fs {

/// Which directory it is, and by way of which mount.
struct root_identity {
  uint64_t device = 0;
  uint64_t inode = 0;
  /// 0 where the system does not tell (before Linux 5.8).
  uint64_t mount = 0;

  bool operator==(const root_identity&) const = default;

  /// Returns whether it is the same directory, perhaps mounted anew.
  bool is_same_directory(const root_identity& other) const {
    return device == other.device && inode == other.inode;
  }
};

/// Holds a directory open and notices when its path leads elsewhere: when
/// something is mounted over it, when it is unmounted, or when it is replaced.
/// While it is open, the system gives its device and inode to nothing else. All
/// members may be called from any thread, but see `check`.
class root_directory {
public:
  static attempt<std::unique_ptr<root_directory>> open(const std::string& path,
                                                       root_terms terms);

  /// Returns the directory; always the same object.
  const directory& get() const {
    return *open_;
  }

  /// Returns which directory the path leads to, counted from 0; ESTALE if it is
  /// not the one that is open. Makes what `open_anew` has opened the one that
  /// is open: so nobody may use the directory meanwhile.
  result<uint64_t> check();

  /// Opens what is at the path now. It counts from the next `check` on.
  /// @returns whether it is another directory than the one that is open.
  attempt<bool> open_anew();

private:
  struct candidate {
    posix::descriptor opened;
    root_identity id;
  };

  root_directory(std::string path, root_terms terms, candidate first);

  static attempt<candidate> find(const std::string& path,
                                 const root_terms& terms);

  /// Lets the number that is open stand for another directory.
  result<void> use(candidate other);

  /// Returns why the directory cannot be used; `mutex_` is locked.
  std::optional<failure> defect();

  const std::string path_;
  const root_terms terms_;
  std::unique_ptr<posix::open_directory> open_;

  std::mutex mutex_;
  root_identity id_;
  uint64_t generation_ = 0;
  /// Opened by `open_anew`.
  std::optional<candidate> next_;
  bool is_lost_ = false;
};

} // namespace spindle::fs
