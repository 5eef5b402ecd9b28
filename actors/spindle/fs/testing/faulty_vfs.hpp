// A file system with faults to order, on top of another one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "spindle/export.hpp"
#include "spindle/fs/vfs.hpp"

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

/// Passes calls on to another vfs, counts them, and fails those it is told to.
/// A call that fails here does not reach the other vfs, except `close`, which
/// closes in any case. May be used from several threads at once, and files and
/// directories may outlive it.
class SPINDLE_EXPORT faulty_vfs final : public vfs {
public:
  /// Called before each call, in the thread of the caller, without a lock held.
  /// The path is that of the base and the one given, joined by a slash; of two,
  /// the first.
  using observer = std::function<void(call_kind, const std::string& path)>;

  explicit faulty_vfs(vfs_ptr decorated);

  ~faulty_vfs() override;

  // -- faults -----------------------------------------------------------------

  /// Fails the `nth` call of this kind from now, the next one being the first.
  /// Further faults may be ordered meanwhile.
  void fail(call_kind kind, size_t nth, int sys_errno);

  /// Fails the `nth` call of any kind from now, the next one being the first.
  void fail_any(size_t nth, int sys_errno);

  /// Fails each call of this kind from now on.
  void fail_all(call_kind kind, int sys_errno);

  /// Limits each transfer (read, write, copy) to this number of bytes, at
  /// least 1.
  void limit_transfers(size_t bytes);

  /// Cancels all faults and limits; the counters stay.
  void clear();

  // -- observation ------------------------------------------------------------

  /// Returns how many calls of this kind there have been, failed ones included.
  size_t calls(call_kind kind) const;

  /// Returns how many calls there have been.
  size_t calls() const;

  /// Sets the function to be called before each call; an empty one for none.
  void observe(observer function);

  // -- implementation of vfs --------------------------------------------------

  const directory& start() const override;

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

  /// What the files and directories of a faulty_vfs share with it.
  class faults;

private:
  vfs_ptr decorated_;
  std::shared_ptr<faults> faults_;
  directory_ptr start_;
};

} // namespace spindle::fs
