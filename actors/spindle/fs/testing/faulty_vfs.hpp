// A file system with planned faults, on top of another one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "spindle/export.hpp"
#include "spindle/fs/testing/fault_plan.hpp"
#include "spindle/fs/vfs.hpp"

namespace spindle::fs {

/// Passes calls on to another vfs, except those that its plan lets fail; only
/// `close` is passed on in any case. The plan sees the path of the base and the
/// given path, joined by a slash; of two paths, the first. May be used from
/// several threads at once, and files and directories may outlive it.
class SPINDLE_EXPORT faulty_vfs final : public vfs {
public:
  explicit faulty_vfs(vfs_ptr decorated);

  ~faulty_vfs() override;

  /// Returns which calls fail, and which there have been.
  fault_plan& plan() const noexcept {
    return *plan_;
  }

  // -- implementation of vfs --------------------------------------------------

  const directory& start() const override;

  bool may_wait() const noexcept override;

  /// No call of any kind: it changes nothing.
  result<uint64_t> check_start() override;

  result<file_ptr> open(const directory& base, const std::string& path,
                        const open_options& how) override;

  result<directory_ptr> open_directory(const directory& base,
                                       const std::string& path,
                                       bool follow) override;

  result<link_ptr> open_link(const directory& base,
                             const std::string& path) override;

  result<file_info> stat(const directory& base, const std::string& path,
                         bool follow) override;

  result<void> make_directory(const directory& base, const std::string& path,
                              uint32_t permissions) override;

  result<void> remove_file(const directory& base,
                           const std::string& path) override;

  result<void> remove_directory(const directory& base,
                                const std::string& path) override;

  /// The plan does not see the calls of the held file.
  result<held_ptr> hold(const directory& base,
                        const std::string& path) override;

  /// A call of the kind `remove_file`.
  result<held_ptr> remove_and_hold(const directory& base,
                                   const std::string& path) override;

  result<void> rename(const directory& from_base, const std::string& from,
                      const directory& to_base, const std::string& to,
                      rename_mode mode) override;

  result<void> make_hard_link(const directory& from_base,
                              const std::string& from, const directory& to_base,
                              const std::string& to) override;

  result<void> make_link(const std::string& target, const directory& base,
                         const std::string& path) override;

  result<std::string> read_link(const directory& base,
                                const std::string& path) override;

  result<void> set_permissions(const directory& base, const std::string& path,
                               uint32_t permissions) override;

  result<void> set_times(const directory& base, const std::string& path,
                         const file_times& times, bool follow) override;

  result<space_info> disk_space(const directory& base,
                                const std::string& path) override;

private:
  template <class Call, class... Args>
  auto pass(call_kind kind, Call call, const directory& base,
            const std::string& path, const Args&... args);

  vfs_ptr decorated_;
  /// Shared with the files and directories.
  std::shared_ptr<fault_plan> plan_;
  directory_ptr start_;
};

} // namespace spindle::fs
