// The file system of the machine.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/vfs.hpp"

#include <memory>
#include <string>

namespace spindle::fs {

namespace posix {

class closer;

} // namespace posix

/// Implements each member by the corresponding Linux system call. Files are
/// opened with O_NONBLOCK, O_CLOEXEC and O_NOCTTY. May be used from several
/// threads at once. Directories passed as `base` and files passed as `source`
/// must come from a posix_vfs.
class SPINDLE_EXPORT posix_vfs final : public vfs {
public:
  posix_vfs();

  ~posix_vfs() override;

  /// The current working directory of the process at the time of each call.
  const directory& start() const override;

  bool may_wait() const noexcept override {
    return true;
  }

  result<file_ptr> open(const directory& base, const std::string& path,
                        const open_options& how) override;

  std::unique_ptr<open_call> opening(const directory& base,
                                     const std::string& path) override;

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

  result<held_ptr> hold(const directory& base,
                        const std::string& path) override;

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
  directory_ptr start_;
  std::shared_ptr<posix::closer> closer_;
};

} // namespace spindle::fs
