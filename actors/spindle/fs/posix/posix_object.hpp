// What the open files, directories and links of posix_vfs have in common.
#pragma once

#include "spindle/fs/posix/posix_call.hpp"
#include "spindle/fs/vfs.hpp"

#include <string>
#include <vector>

namespace spindle::fs::posix {

/// The members of `open_object` for a descriptor.
namespace object {

/// Returns the `opening_order` of what was just opened.
uint64_t next_order() noexcept;

result<void> set_permissions(int number, uint32_t permissions);

result<void> set_owner(int number, const file_owner& owner);

result<std::vector<std::string>> attribute_names(int number);

result<std::string> attribute(int number, const std::string& name);

result<void> set_attribute(int number, const std::string& name,
                           const std::string& value);

result<void> remove_attribute(int number, const std::string& name);

} // namespace object

/// Owns a descriptor, and implements `open_object` with it.
/// @tparam Base `open_object`, or an interface derived from it.
template <class Base>
class with_descriptor : public Base {
public:
  explicit with_descriptor(descriptor owned)
      : descriptor_(std::move(owned)), order_(object::next_order()) {}

  uint64_t opening_order() const noexcept override {
    return order_;
  }

  int plain_descriptor() const noexcept override {
    return number();
  }

  result<file_info> stat() override {
    return posix::stat(number());
  }

  result<void> set_permissions(uint32_t permissions) override {
    return object::set_permissions(number(), permissions);
  }

  result<void> set_owner(const file_owner& owner) override {
    return object::set_owner(number(), owner);
  }

  result<std::vector<std::string>> attribute_names() override {
    return object::attribute_names(number());
  }

  result<std::string> attribute(const std::string& name) override {
    return object::attribute(number(), name);
  }

  result<void> set_attribute(const std::string& name,
                             const std::string& value) override {
    return object::set_attribute(number(), name, value);
  }

  result<void> remove_attribute(const std::string& name) override {
    return object::remove_attribute(number(), name);
  }

  /// The number to pass to system calls.
  int number() const noexcept {
    return descriptor_.get();
  }

protected:
  descriptor descriptor_;

private:
  uint64_t order_;
};

/// A symbolic link, opened with O_PATH and O_NOFOLLOW.
class open_link : public with_descriptor<open_object> {
public:
  using with_descriptor::with_descriptor;

  result<void> set_permissions(uint32_t) override {
    return fail(EOPNOTSUPP);
  }

  result<std::vector<std::string>> attribute_names() override;

  result<std::string> attribute(const std::string& name) override;

  result<void> set_attribute(const std::string& name,
                             const std::string& value) override;

  result<void> remove_attribute(const std::string& name) override;
};

/// An open object of a read-only root. Refuses changes of metadata, which need
/// no write access to the object.
/// @tparam Open `open_file`, `open_directory` or `open_link`.
template <class Open>
class read_only : public Open {
public:
  using Open::Open;

  result<void> set_permissions(uint32_t) override {
    return fail(EROFS);
  }

  result<void> set_owner(const file_owner&) override {
    return fail(EROFS);
  }

  result<void> set_attribute(const std::string&, const std::string&) override {
    return fail(EROFS);
  }

  result<void> remove_attribute(const std::string&) override {
    return fail(EROFS);
  }
};

/// Makes a link object of a descriptor; EINVAL if it is not a symbolic link.
/// @tparam Link `open_link`, or `read_only<open_link>`.
template <class Link>
result<link_ptr> link_or_fail(descriptor found) {
  auto info = posix::stat(found.get());
  if (!info)
    return fail(info.error());
  if (info->type != file_type::symlink)
    return fail(EINVAL);
  return std::make_unique<Link>(std::move(found));
}

} // namespace spindle::fs::posix
