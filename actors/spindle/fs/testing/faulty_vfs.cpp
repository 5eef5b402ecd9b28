#include "spindle/fs/testing/faulty_vfs.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace spindle::fs {

std::string to_string(call_kind kind) {
  static constexpr std::array<const char*, call_kind_count> names{
    "open",           "open_directory", "stat",
    "make_directory", "remove_file",    "remove_directory",
    "rename",         "make_link",      "make_hard_link",
    "read_link",      "open_link",      "set_permissions",
    "set_times",      "set_owner",      "read_attribute",
    "set_attribute",  "disk_space",     "read",
    "write",          "wait",           "copy",
    "clone",          "find_data",      "punch_hole",
    "truncate",       "sync",           "close",
    "list",           "sync_directory",
  };
  return names.at(static_cast<size_t>(kind));
}

// -- faults -------------------------------------------------------------------

class faulty_vfs::faults {
public:
  /// Counts the call, and makes it unless it is to fail.
  template <class Call>
  std::invoke_result_t<Call> pass(call_kind kind, const std::string& path,
                                  Call call) {
    if (auto sys_errno = begin(kind, path))
      return fs::fail(*sys_errno);
    return call();
  }

  /// Counts a call and tells the observer.
  /// @returns the errno(3) it is to fail with, if any.
  std::optional<int> begin(call_kind kind, const std::string& path) {
    std::unique_lock guard{mutex_};
    ++calls_;
    ++calls_of(kind);
    auto sys_errno = take_fault(kind);
    auto observer = observer_;
    guard.unlock();
    if (observer)
      observer(kind, path);
    return sys_errno;
  }

  /// Returns the part of a transfer that is let through.
  template <class Span>
  Span limited(Span bytes) {
    return bytes.first(limited(bytes.size()));
  }

  size_t limited(size_t bytes) {
    std::lock_guard guard{mutex_};
    return std::min(bytes, limit_);
  }

  void add(std::optional<call_kind> kind, size_t nth, int sys_errno) {
    std::lock_guard guard{mutex_};
    single_.push_back(
      {kind, nth + (kind ? calls_of(*kind) : calls_), sys_errno});
  }

  void add_all(call_kind kind, int sys_errno) {
    std::lock_guard guard{mutex_};
    all_[static_cast<size_t>(kind)] = sys_errno;
  }

  void limit(size_t bytes) {
    std::lock_guard guard{mutex_};
    limit_ = std::max<size_t>(bytes, 1);
  }

  void clear() {
    std::lock_guard guard{mutex_};
    single_.clear();
    all_ = {};
    limit_ = SIZE_MAX;
  }

  size_t calls(std::optional<call_kind> kind) {
    std::lock_guard guard{mutex_};
    return kind ? calls_of(*kind) : calls_;
  }

  void observe(observer function) {
    std::lock_guard guard{mutex_};
    observer_ = std::move(function);
  }

private:
  struct fault {
    // Any kind if not given.
    std::optional<call_kind> kind;
    // Number of the call, counted like `calls`.
    size_t number;
    int sys_errno;
  };

  size_t& calls_of(call_kind kind) {
    return calls_by_kind_[static_cast<size_t>(kind)];
  }

  std::optional<int> take_fault(call_kind kind) {
    auto due = std::find_if(single_.begin(), single_.end(), [&](auto& ordered) {
      return ordered.kind
             ? *ordered.kind == kind && ordered.number == calls_of(kind)
             : ordered.number == calls_;
    });
    if (due == single_.end())
      return all_[static_cast<size_t>(kind)];
    auto sys_errno = due->sys_errno;
    single_.erase(due);
    return sys_errno;
  }

  std::mutex mutex_;
  size_t calls_ = 0;
  std::array<size_t, call_kind_count> calls_by_kind_{};
  std::vector<fault> single_;
  std::array<std::optional<int>, call_kind_count> all_;
  size_t limit_ = SIZE_MAX;
  observer observer_;
};

// -- files --------------------------------------------------------------------

namespace {

using faults_ptr = std::shared_ptr<faulty_vfs::faults>;

/// Passes the calls of `open_object` on.
/// @tparam Base `open_object`, or an interface derived from it.
template <class Base>
class faulty_object : public Base {
public:
  faulty_object(std::unique_ptr<Base> decorated, faults_ptr faults,
                std::string path)
      : decorated_(std::move(decorated)),
        faults_(std::move(faults)),
        path_(std::move(path)) {}

  result<file_info> stat() override {
    return pass(call_kind::stat, [&] { return decorated_->stat(); });
  }

  result<void> set_permissions(uint32_t permissions) override {
    return pass(call_kind::set_permissions,
                [&] { return decorated_->set_permissions(permissions); });
  }

  result<void> set_owner(const file_owner& owner) override {
    return pass(call_kind::set_owner,
                [&] { return decorated_->set_owner(owner); });
  }

  result<std::vector<std::string>> attribute_names() override {
    return pass(call_kind::read_attribute,
                [&] { return decorated_->attribute_names(); });
  }

  result<std::string> attribute(const std::string& name) override {
    return pass(call_kind::read_attribute,
                [&] { return decorated_->attribute(name); });
  }

  result<void> set_attribute(const std::string& name,
                             const std::string& value) override {
    return pass(call_kind::set_attribute,
                [&] { return decorated_->set_attribute(name, value); });
  }

  result<void> remove_attribute(const std::string& name) override {
    return pass(call_kind::set_attribute,
                [&] { return decorated_->remove_attribute(name); });
  }

protected:
  template <class Call>
  std::invoke_result_t<Call> pass(call_kind kind, Call call) {
    return faults_->pass(kind, path_, call);
  }

  std::unique_ptr<Base> decorated_;
  faults_ptr faults_;
  std::string path_;
};

class faulty_file final : public faulty_object<file> {
public:
  using faulty_object::faulty_object;

  result<size_t> read(std::span<std::byte> into) override {
    return pass(call_kind::read,
                [&] { return decorated_->read(faults_->limited(into)); });
  }

  result<size_t> read_at(uint64_t offset, std::span<std::byte> into) override {
    return pass(call_kind::read, [&] {
      return decorated_->read_at(offset, faults_->limited(into));
    });
  }

  result<size_t> write(std::span<const std::byte> from) override {
    return pass(call_kind::write,
                [&] { return decorated_->write(faults_->limited(from)); });
  }

  result<size_t> write_at(uint64_t offset,
                          std::span<const std::byte> from) override {
    return pass(call_kind::write, [&] {
      return decorated_->write_at(offset, faults_->limited(from));
    });
  }

  result<bool> wait_ready(bool for_write, steady_time until) override {
    return pass(call_kind::wait,
                [&] { return decorated_->wait_ready(for_write, until); });
  }

  result<size_t> copy_from(file& source, uint64_t source_offset,
                           uint64_t offset, size_t count) override {
    return pass(call_kind::copy, [&] {
      return decorated_->copy_from(
        *static_cast<faulty_file&>(source).decorated_, source_offset, offset,
        faults_->limited(count));
    });
  }

  result<void> clone_from(file& source) override {
    return pass(call_kind::clone, [&] {
      return decorated_->clone_from(
        *static_cast<faulty_file&>(source).decorated_);
    });
  }

  result<data_extent> find_data(uint64_t offset) override {
    return pass(call_kind::find_data,
                [&] { return decorated_->find_data(offset); });
  }

  result<void> punch_hole(uint64_t offset, uint64_t length) override {
    return pass(call_kind::punch_hole,
                [&] { return decorated_->punch_hole(offset, length); });
  }

  result<void> truncate(uint64_t size) override {
    return pass(call_kind::truncate,
                [&] { return decorated_->truncate(size); });
  }

  result<void> sync(sync_mode mode) override {
    return pass(call_kind::sync, [&] { return decorated_->sync(mode); });
  }

  result<void> set_times(const file_times& times) override {
    return pass(call_kind::set_times,
                [&] { return decorated_->set_times(times); });
  }

  result<void> close() override {
    auto sys_errno = faults_->begin(call_kind::close, path_);
    auto closed = decorated_->close();
    if (sys_errno)
      return fs::fail(*sys_errno);
    return closed;
  }
};

// -- directories --------------------------------------------------------------

class faulty_directory final : public faulty_object<directory> {
public:
  faulty_directory(directory_ptr decorated, faults_ptr faults, std::string path)
      : faulty_object(std::move(decorated), std::move(faults), std::move(path)),
        base_(*decorated_) {}

  /// Decorates the start of a file system, which is good as a base only.
  explicit faulty_directory(const directory& start)
      : faulty_object(nullptr, nullptr, {}), base_(start) {}

  result<bool> read(std::vector<directory_entry>& into) override {
    return pass(call_kind::list, [&] { return decorated_->read(into); });
  }

  result<void> sync() override {
    return pass(call_kind::sync_directory, [&] { return decorated_->sync(); });
  }

  const directory& base() const {
    return base_;
  }

  /// Returns the path from the start of the file system to `path`.
  std::string join(const std::string& path) const {
    if (path_.empty() || path.starts_with('/'))
      return path;
    return path_ + "/" + path;
  }

private:
  const directory& base_;
};

const directory& base_of(const directory& base) {
  return static_cast<const faulty_directory&>(base).base();
}

std::string join(const directory& base, const std::string& path) {
  return static_cast<const faulty_directory&>(base).join(path);
}

} // namespace

// -- construction and destruction ---------------------------------------------

faulty_vfs::faulty_vfs(vfs_ptr decorated)
    : decorated_(std::move(decorated)),
      faults_(std::make_shared<faults>()),
      start_(std::make_unique<faulty_directory>(decorated_->start())) {}

faulty_vfs::~faulty_vfs() = default;

// -- faults and observation ---------------------------------------------------

void faulty_vfs::fail(call_kind kind, size_t nth, int sys_errno) {
  faults_->add(kind, nth, sys_errno);
}

void faulty_vfs::fail_any(size_t nth, int sys_errno) {
  faults_->add(std::nullopt, nth, sys_errno);
}

void faulty_vfs::fail_all(call_kind kind, int sys_errno) {
  faults_->add_all(kind, sys_errno);
}

void faulty_vfs::limit_transfers(size_t bytes) {
  faults_->limit(bytes);
}

void faulty_vfs::clear() {
  faults_->clear();
}

size_t faulty_vfs::calls(call_kind kind) const {
  return faults_->calls(kind);
}

size_t faulty_vfs::calls() const {
  return faults_->calls(std::nullopt);
}

void faulty_vfs::observe(observer function) {
  faults_->observe(std::move(function));
}

// -- implementation of vfs ----------------------------------------------------

const directory& faulty_vfs::start() const {
  return *start_;
}

result<uint64_t> faulty_vfs::check_start() {
  return decorated_->check_start();
}

result<file_ptr> faulty_vfs::open(const directory& base,
                                  const std::string& path,
                                  const open_options& how) {
  auto joined = join(base, path);
  return faults_->pass(call_kind::open, joined, [&]() -> result<file_ptr> {
    auto opened = decorated_->open(base_of(base), path, how);
    if (!opened)
      return opened;
    return std::make_unique<faulty_file>(std::move(*opened), faults_, joined);
  });
}

result<directory_ptr> faulty_vfs::open_directory(const directory& base,
                                                 const std::string& path,
                                                 bool follow) {
  auto joined = join(base, path);
  auto call = [&]() -> result<directory_ptr> {
    auto opened = decorated_->open_directory(base_of(base), path, follow);
    if (!opened)
      return opened;
    return std::make_unique<faulty_directory>(std::move(*opened), faults_,
                                              joined);
  };
  return faults_->pass(call_kind::open_directory, joined, call);
}

result<link_ptr> faulty_vfs::open_link(const directory& base,
                                       const std::string& path) {
  auto joined = join(base, path);
  return faults_->pass(call_kind::open_link, joined, [&]() -> result<link_ptr> {
    auto opened = decorated_->open_link(base_of(base), path);
    if (!opened)
      return opened;
    return std::make_unique<faulty_object<open_object>>(std::move(*opened),
                                                        faults_, joined);
  });
}

result<file_info> faulty_vfs::stat(const directory& base,
                                   const std::string& path, bool follow) {
  return faults_->pass(call_kind::stat, join(base, path), [&] {
    return decorated_->stat(base_of(base), path, follow);
  });
}

result<void> faulty_vfs::make_directory(const directory& base,
                                        const std::string& path,
                                        uint32_t permissions) {
  return faults_->pass(call_kind::make_directory, join(base, path), [&] {
    return decorated_->make_directory(base_of(base), path, permissions);
  });
}

result<void> faulty_vfs::remove_file(const directory& base,
                                     const std::string& path) {
  return faults_->pass(call_kind::remove_file, join(base, path), [&] {
    return decorated_->remove_file(base_of(base), path);
  });
}

result<void> faulty_vfs::remove_directory(const directory& base,
                                          const std::string& path) {
  return faults_->pass(call_kind::remove_directory, join(base, path), [&] {
    return decorated_->remove_directory(base_of(base), path);
  });
}

result<void> faulty_vfs::rename(const directory& from_base,
                                const std::string& from,
                                const directory& to_base, const std::string& to,
                                rename_mode mode) {
  return faults_->pass(call_kind::rename, join(from_base, from), [&] {
    return decorated_->rename(base_of(from_base), from, base_of(to_base), to,
                              mode);
  });
}

result<void> faulty_vfs::make_hard_link(const directory& from_base,
                                        const std::string& from,
                                        const directory& to_base,
                                        const std::string& to) {
  return faults_->pass(call_kind::make_hard_link, join(from_base, from), [&] {
    return decorated_->make_hard_link(base_of(from_base), from,
                                      base_of(to_base), to);
  });
}

result<void> faulty_vfs::make_link(const std::string& target,
                                   const directory& base,
                                   const std::string& path) {
  return faults_->pass(call_kind::make_link, join(base, path), [&] {
    return decorated_->make_link(target, base_of(base), path);
  });
}

result<std::string> faulty_vfs::read_link(const directory& base,
                                          const std::string& path) {
  return faults_->pass(call_kind::read_link, join(base, path), [&] {
    return decorated_->read_link(base_of(base), path);
  });
}

result<void> faulty_vfs::set_permissions(const directory& base,
                                         const std::string& path,
                                         uint32_t permissions) {
  return faults_->pass(call_kind::set_permissions, join(base, path), [&] {
    return decorated_->set_permissions(base_of(base), path, permissions);
  });
}

result<void> faulty_vfs::set_times(const directory& base,
                                   const std::string& path,
                                   const file_times& times, bool follow) {
  return faults_->pass(call_kind::set_times, join(base, path), [&] {
    return decorated_->set_times(base_of(base), path, times, follow);
  });
}

result<space_info> faulty_vfs::disk_space(const directory& base,
                                          const std::string& path) {
  return faults_->pass(call_kind::disk_space, join(base, path), [&] {
    return decorated_->disk_space(base_of(base), path);
  });
}

} // namespace spindle::fs
