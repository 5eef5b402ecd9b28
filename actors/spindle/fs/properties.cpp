#include "spindle/fs/properties.hpp"

#include <algorithm>
#include <cerrno>
#include <string_view>

#include <sys/stat.h>

namespace spindle::fs {

namespace {

constexpr uint32_t setid_bits = S_ISUID | S_ISGID;

/// The file system of the copy cannot hold the property, or this process may
/// not set it.
bool cannot_be_kept(int sys_errno) {
  switch (sys_errno) {
    case EPERM:
    case EACCES:
    case EOPNOTSUPP:
    case ENOSYS:
    case EINVAL:
    // The space for attributes has limits of its own.
    case ENOSPC:
    case EDQUOT:
    case E2BIG:
    case ERANGE:
      return true;
    default:
      return false;
  }
}

/// Turns the result of setting a property into that of a copy.
copied<void> kept(const result<void>& step, keep what, std::string thing) {
  if (step || (what == keep::possible && cannot_be_kept(step.error())))
    return {};
  if (!cannot_be_kept(step.error()))
    return at_target(step.error());
  return lost(step.error(), std::move(thing));
}

// -- owners -------------------------------------------------------------------

copied<void> keep_owner(open_object& to, const file_info& info,
                        const file_info& made, keep what) {
  if (made.group != info.group)
    if (auto res = kept(to.set_owner({.user = {}, .group = info.group}), what,
                        "the group");
        !res)
      return res;
  if (made.user != info.user)
    return kept(to.set_owner({.user = info.user, .group = {}}), what,
                "the owner");
  return {};
}

// -- attributes ---------------------------------------------------------------

bool is_access_list(std::string_view name) {
  return name.starts_with("system.posix_acl_");
}

/// Security modules set these labels by themselves; capabilities are set by
/// administrators.
bool is_label(std::string_view name) {
  return name.starts_with("security.") && name != "security.capability";
}

/// Returns the names of all attributes.
copied<std::vector<std::string>> names_of(open_object& of, side where,
                                          keep what) {
  auto names = of.attribute_names();
  if (names)
    return std::move(*names);
  if (!cannot_be_kept(names.error()))
    return tl::unexpected{blame{.sys_errno = names.error(), .where = where}};
  // A sandbox may forbid to list attributes.
  auto res = kept(fail(names.error()), what, "the attributes");
  if (!res)
    return tl::unexpected{std::move(res.error())};
  return std::vector<std::string>{};
}

copied<void> keep_attribute(open_object& from, open_object& to,
                            const std::string& name, keep what) {
  auto value = from.attribute(name);
  // The attribute may have been removed since.
  if (!value && value.error() == ENODATA)
    return {};
  if (!value)
    return at_source(value.error());
  return kept(
    to.set_attribute(name, *value), is_label(name) ? keep::possible : what,
    is_access_list(name) ? "the access control list" : "the attribute " + name);
}

/// Keeps either the access control lists or all other attributes.
copied<void> keep_attributes(open_object& from, open_object& to,
                             const std::vector<std::string>& names,
                             bool access_lists, keep what) {
  for (const auto& name : names)
    if (is_access_list(name) == access_lists)
      if (auto res = keep_attribute(from, to, name, what); !res)
        return res;
  return {};
}

/// Removes access control lists that the copy has inherited from its directory
/// and the source does not have.
copied<void> drop_access_lists(open_object& to,
                               const std::vector<std::string>& wanted,
                               keep what) {
  auto names = names_of(to, side::target, what);
  if (!names)
    return tl::unexpected{std::move(names.error())};
  for (const auto& name : *names) {
    if (!is_access_list(name)
        || std::find(wanted.begin(), wanted.end(), name) != wanted.end())
      continue;
    if (auto res
        = kept(to.remove_attribute(name), what, "the access control list");
        !res)
      return res;
  }
  return {};
}

// -- permissions --------------------------------------------------------------

/// chmod(2) may drop setuid and setgid without an error.
copied<void> check_rights(open_object& to, const file_info& info, keep what) {
  if ((info.permissions & setid_bits) == 0 || what != keep::all)
    return {};
  auto made = to.stat();
  if (!made)
    return at_target(made.error());
  if ((made->permissions & 07777) == (info.permissions & 07777))
    return {};
  return lost(EPERM, "the right to run as its owner or group");
}

copied<void> keep_permissions(open_object& to, const file_info& info,
                              keep what) {
  auto permissions = info.permissions & 07777;
  if (what == keep::possible && info.type == file_type::file) {
    auto made = to.stat();
    if (!made)
      return at_target(made.error());
    if (made->user != info.user)
      permissions &= ~uint32_t{S_ISUID};
    if (made->group != info.group)
      permissions &= ~uint32_t{S_ISGID};
  }
  if (auto set = to.set_permissions(permissions); !set)
    return at_target(set.error());
  return check_rights(to, info, what);
}

/// New entries of a setgid directory inherit its group, new directories also
/// the bit.
copied<void> basic_permissions(open_object& to, const file_info& info) {
  auto permissions = info.permissions & 01777;
  if (info.type == file_type::directory) {
    auto made = to.stat();
    if (!made)
      return at_target(made.error());
    permissions = info.permissions | (made->permissions & S_ISGID);
  }
  if (auto set = to.set_permissions(permissions); !set)
    return at_target(set.error());
  return {};
}

} // namespace

copied<void> keep_properties(open_object& from, open_object& to,
                             const file_info& info, keep what) {
  auto is_link = info.type == file_type::symlink;
  if (what == keep::basic)
    return is_link ? copied<void>{} : basic_permissions(to, info);
  auto names = names_of(from, side::source, what);
  if (!names)
    return tl::unexpected{std::move(names.error())};
  auto made = to.stat();
  if (!made)
    return at_target(made.error());
  // Changing the owner drops capabilities, setuid and setgid.
  auto res = keep_owner(to, info, *made, what);
  // Attributes can only be set while the permission to write is there.
  if (res)
    res = keep_attributes(from, to, *names, false, what);
  if (!res || is_link)
    return res;
  // An access control list includes the permissions, so it comes last.
  res = drop_access_lists(to, *names, what);
  if (res)
    res = keep_permissions(to, info, what);
  return res ? keep_attributes(from, to, *names, true, what) : res;
}

} // namespace spindle::fs
