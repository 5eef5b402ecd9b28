#include "spindle/fs/testing/faulty_vfs.hpp"

#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

namespace spindle::fs {

namespace {

using plan_ptr = std::shared_ptr<fault_plan>;

/// Makes a call, unless the plan lets it fail.
template <class Call>
std::invoke_result_t<Call> make_call(fault_plan& plan, call_kind kind,
                                     const std::string& path, Call call) {
  if (auto sys_errno = plan.begin_call(kind, path))
    return fail(*sys_errno);
  return call();
}

// -- open objects -------------------------------------------------------------

/// Passes the calls of `open_object` on.
/// @tparam Base `open_object`, or an interface derived from it.
template <class Base>
class faulty_object : public Base {
public:
  faulty_object(std::unique_ptr<Base> decorated, plan_ptr plan,
                std::string path)
      : decorated_(std::move(decorated)),
        plan_(std::move(plan)),
        path_(std::move(path)) {}

  result<file_info> stat() override {
    return pass(call_kind::stat, &Base::stat);
  }

  result<void> set_permissions(uint32_t permissions) override {
    return pass(call_kind::set_permissions, &Base::set_permissions,
                permissions);
  }

  result<void> set_owner(const file_owner& owner) override {
    return pass(call_kind::set_owner, &Base::set_owner, owner);
  }

  result<std::vector<std::string>> attribute_names() override {
    return pass(call_kind::read_attribute, &Base::attribute_names);
  }

  result<std::string> attribute(const std::string& name) override {
    return pass(call_kind::read_attribute, &Base::attribute, name);
  }

  result<void> set_attribute(const std::string& name,
                             const std::string& value) override {
    return pass(call_kind::set_attribute, &Base::set_attribute, name, value);
  }

  result<void> remove_attribute(const std::string& name) override {
    return pass(call_kind::set_attribute, &Base::remove_attribute, name);
  }

protected:
  /// Calls the decorated object, unless the plan lets the call fail.
  /// @param call a member function, or any function of the object.
  template <class Call, class... Args>
  auto pass(call_kind kind, Call call, Args&&... args) {
    return make_call(*plan_, kind, path_, [&] {
      return std::invoke(call, *decorated_, std::forward<Args>(args)...);
    });
  }

  std::unique_ptr<Base> decorated_;
  plan_ptr plan_;
  std::string path_;
};

class faulty_file final : public faulty_object<file> {
public:
  using faulty_object::faulty_object;

  result<size_t> read(std::span<std::byte> into) override {
    return pass(call_kind::read,
                [&](file& from) { return from.read(limited(into)); });
  }

  result<size_t> read_at(uint64_t offset, std::span<std::byte> into) override {
    return pass(call_kind::read, [&](file& from) {
      return from.read_at(offset, limited(into));
    });
  }

  result<size_t> read_cached(uint64_t offset,
                             std::span<std::byte> into) override {
    return pass(call_kind::read, [&](file& from) {
      return from.read_cached(offset, limited(into));
    });
  }

  result<size_t> write(std::span<const std::byte> from) override {
    return pass(call_kind::write,
                [&](file& to) { return to.write(limited(from)); });
  }

  result<size_t> write_at(uint64_t offset,
                          std::span<const std::byte> from) override {
    return pass(call_kind::write,
                [&](file& to) { return to.write_at(offset, limited(from)); });
  }

  result<bool> wait_ready(bool for_write, steady_time until) override {
    return pass(call_kind::wait, &file::wait_ready, for_write, until);
  }

  result<size_t> copy_from(file& source, uint64_t source_offset,
                           uint64_t offset, size_t count) override {
    return pass(call_kind::copy, [&](file& to) {
      return to.copy_from(decorated(source), source_offset, offset,
                          plan_->limited(count));
    });
  }

  result<void> clone_from(file& source) override {
    return pass(call_kind::clone, &file::clone_from, decorated(source));
  }

  result<data_extent> find_data(uint64_t offset) override {
    return pass(call_kind::find_data, &file::find_data, offset);
  }

  result<void> punch_hole(uint64_t offset, uint64_t length) override {
    return pass(call_kind::punch_hole, &file::punch_hole, offset, length);
  }

  result<void> start_writeback(uint64_t offset, uint64_t length) override {
    return pass(call_kind::start_writeback, &file::start_writeback, offset,
                length);
  }

  result<void> truncate(uint64_t size) override {
    return pass(call_kind::truncate, &file::truncate, size);
  }

  result<void> sync(sync_mode mode) override {
    return pass(call_kind::sync, &file::sync, mode);
  }

  result<void> set_times(const file_times& times) override {
    return pass(call_kind::set_times, &file::set_times, times);
  }

  result<void> close() override {
    auto sys_errno = plan_->begin_call(call_kind::close, path_);
    auto closed = decorated_->close();
    if (sys_errno)
      return fail(*sys_errno);
    return closed;
  }

private:
  template <class Span>
  Span limited(Span bytes) const {
    return bytes.first(plan_->limited(bytes.size()));
  }

  static file& decorated(file& source) {
    return *static_cast<faulty_file&>(source).decorated_;
  }
};

class faulty_directory final : public faulty_object<directory> {
public:
  faulty_directory(directory_ptr decorated, plan_ptr plan, std::string path)
      : faulty_object(std::move(decorated), std::move(plan), std::move(path)),
        base_(*decorated_) {}

  /// Decorates the start of a file system, which is good as a base only.
  explicit faulty_directory(const directory& start)
      : faulty_object(nullptr, nullptr, {}), base_(start) {}

  result<bool> read(std::vector<directory_entry>& into) override {
    return pass(call_kind::list, &directory::read, into);
  }

  result<void> sync() override {
    return pass(call_kind::sync_directory, &directory::sync);
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

// -- arguments and results of a vfs -------------------------------------------

std::string join(const directory& base, const std::string& path) {
  return static_cast<const faulty_directory&>(base).join(path);
}

/// Returns the directory of the decorated vfs.
const directory& decorated(const directory& base) {
  return static_cast<const faulty_directory&>(base).base();
}

/// Returns any other argument as it is.
template <class T>
const T& decorated(const T& arg) {
  return arg;
}

/// Decorates what was opened.
template <class Decorator, class T>
result<std::unique_ptr<T>> decorate(result<std::unique_ptr<T>> opened,
                                    const plan_ptr& plan, const directory& base,
                                    const std::string& path) {
  if (!opened)
    return opened;
  return std::make_unique<Decorator>(std::move(*opened), plan,
                                     join(base, path));
}

} // namespace

// -- construction and destruction ---------------------------------------------

faulty_vfs::faulty_vfs(vfs_ptr decorated)
    : decorated_(std::move(decorated)),
      plan_(std::make_shared<fault_plan>()),
      start_(std::make_unique<faulty_directory>(decorated_->start())) {}

faulty_vfs::~faulty_vfs() = default;

// -- implementation of vfs ----------------------------------------------------

template <class Call, class... Args>
auto faulty_vfs::pass(call_kind kind, Call call, const directory& base,
                      const std::string& path, const Args&... args) {
  return make_call(*plan_, kind, join(base, path), [&] {
    return std::invoke(call, *decorated_, decorated(base), path,
                       decorated(args)...);
  });
}

bool faulty_vfs::may_wait() const noexcept {
  return decorated_->may_wait();
}

const directory& faulty_vfs::start() const {
  return *start_;
}

result<uint64_t> faulty_vfs::check_start() {
  return decorated_->check_start();
}

result<file_ptr> faulty_vfs::open(const directory& base,
                                  const std::string& path,
                                  const open_options& how) {
  return decorate<faulty_file>(
    pass(call_kind::open, &vfs::open, base, path, how), plan_, base, path);
}

result<directory_ptr> faulty_vfs::open_directory(const directory& base,
                                                 const std::string& path,
                                                 bool follow) {
  return decorate<faulty_directory>(
    pass(call_kind::open_directory, &vfs::open_directory, base, path, follow),
    plan_, base, path);
}

result<link_ptr> faulty_vfs::open_link(const directory& base,
                                       const std::string& path) {
  return decorate<faulty_object<open_object>>(
    pass(call_kind::open_link, &vfs::open_link, base, path), plan_, base, path);
}

result<file_info> faulty_vfs::stat(const directory& base,
                                   const std::string& path, bool follow) {
  return pass(call_kind::stat, &vfs::stat, base, path, follow);
}

result<void> faulty_vfs::make_directory(const directory& base,
                                        const std::string& path,
                                        uint32_t permissions) {
  return pass(call_kind::make_directory, &vfs::make_directory, base, path,
              permissions);
}

result<void> faulty_vfs::remove_file(const directory& base,
                                     const std::string& path) {
  return pass(call_kind::remove_file, &vfs::remove_file, base, path);
}

result<void> faulty_vfs::remove_directory(const directory& base,
                                          const std::string& path) {
  return pass(call_kind::remove_directory, &vfs::remove_directory, base, path);
}

result<held_ptr> faulty_vfs::hold(const directory& base,
                                  const std::string& path) {
  return pass(call_kind::hold, &vfs::hold, base, path);
}

result<held_ptr> faulty_vfs::remove_and_hold(const directory& base,
                                             const std::string& path) {
  return pass(call_kind::remove_file, &vfs::remove_and_hold, base, path);
}

result<void> faulty_vfs::rename(const directory& from_base,
                                const std::string& from,
                                const directory& to_base, const std::string& to,
                                rename_mode mode) {
  return pass(call_kind::rename, &vfs::rename, from_base, from, to_base, to,
              mode);
}

result<void> faulty_vfs::make_hard_link(const directory& from_base,
                                        const std::string& from,
                                        const directory& to_base,
                                        const std::string& to) {
  return pass(call_kind::make_hard_link, &vfs::make_hard_link, from_base, from,
              to_base, to);
}

result<void> faulty_vfs::make_link(const std::string& target,
                                   const directory& base,
                                   const std::string& path) {
  auto make = [&](vfs& files, auto& where, auto& name) {
    return files.make_link(target, where, name);
  };
  return pass(call_kind::make_link, make, base, path);
}

result<std::string> faulty_vfs::read_link(const directory& base,
                                          const std::string& path) {
  return pass(call_kind::read_link, &vfs::read_link, base, path);
}

result<void> faulty_vfs::set_permissions(const directory& base,
                                         const std::string& path,
                                         uint32_t permissions) {
  return pass(call_kind::set_permissions, &vfs::set_permissions, base, path,
              permissions);
}

result<void> faulty_vfs::set_times(const directory& base,
                                   const std::string& path,
                                   const file_times& times, bool follow) {
  return pass(call_kind::set_times, &vfs::set_times, base, path, times, follow);
}

result<space_info> faulty_vfs::disk_space(const directory& base,
                                          const std::string& path) {
  return pass(call_kind::disk_space, &vfs::disk_space, base, path);
}

} // namespace spindle::fs
