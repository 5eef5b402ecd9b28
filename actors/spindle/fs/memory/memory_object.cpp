#include "spindle/fs/memory/memory_object.hpp"

#include <cerrno>

#include <sys/stat.h>

namespace spindle::fs::memory {

namespace {

constexpr size_t max_attribute_name = 255;
constexpr size_t max_attribute_value = 64 * 1024;

bool is_known(const std::string& name) {
  return name.starts_with("user.") || name.starts_with("trusted.")
      || name.starts_with("security.") || name == "system.posix_acl_access"
      || name == "system.posix_acl_default";
}

} // namespace

file_info info_of(const state& all, const node& from) {
  file_info info;
  info.type = from.type;
  info.size = from.type == file_type::symlink ? from.target.size()
                                              : from.content.bytes().size();
  info.allocated
    = (from.content.data().total() + 511) / 512 * 512 * all.allocation_factor;
  info.permissions = from.data.permissions;
  info.user = from.data.user;
  info.group = from.data.group;
  info.links = from.links;
  info.device = from.device;
  info.inode = from.inode;
  info.accessed = from.data.accessed;
  info.modified = from.data.modified;
  info.changed = from.data.changed;
  return info;
}

void set_permissions(state& all, node& of, uint32_t permissions) {
  of.data.permissions = permissions & 07777;
  of.data.changed = all.now();
}

void set_times(state& all, node& of, const file_times& times) {
  of.data.accessed = times.accessed.value_or(of.data.accessed);
  of.data.modified = times.modified.value_or(of.data.modified);
  if (times.accessed || times.modified)
    of.data.changed = all.now();
}

void set_owner(state& all, node& of, const file_owner& owner) {
  of.data.user = owner.user.value_or(of.data.user);
  of.data.group = owner.group.value_or(of.data.group);
  // Changing the owner clears setuid and setgid.
  if (of.type == file_type::file) {
    of.data.permissions &= ~uint32_t{S_ISUID};
    if ((of.data.permissions & S_IXGRP) != 0)
      of.data.permissions &= ~uint32_t{S_ISGID};
  }
  of.data.changed = all.now();
}

result<void> set_attribute(state& all, node& of, const std::string& name,
                           const std::string& value) {
  if (name.find('\0') != std::string::npos)
    return fail(EINVAL);
  if (name.empty() || name.size() > max_attribute_name)
    return fail(ERANGE);
  if (value.size() > max_attribute_value)
    return fail(E2BIG);
  if (!is_known(name))
    return fail(EOPNOTSUPP);
  auto for_all = !name.starts_with("user.");
  if (!for_all && of.type != file_type::file && of.type != file_type::directory)
    return fail(EPERM);
  of.data.attributes[name] = value;
  of.data.changed = all.now();
  return {};
}

result<void> remove_attribute(state& all, node& of, const std::string& name) {
  if (name.find('\0') != std::string::npos)
    return fail(EINVAL);
  if (of.data.attributes.erase(name) == 0)
    return fail(ENODATA);
  of.data.changed = all.now();
  return {};
}

} // namespace spindle::fs::memory
