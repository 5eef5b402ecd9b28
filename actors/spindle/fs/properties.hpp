// The properties of its source that a copy keeps beside the content.
#pragma once

#include "spindle/fs/blame.hpp"
#include "spindle/fs/vfs.hpp"

namespace spindle::fs {

/// Which properties of its source a copy keeps.
enum class keep : uint8_t {
  /// Permissions and times; files lose setuid and setgid, since the owner may
  /// be another.
  basic,
  /// Also owner, group, extended attributes, access control lists, and hard
  /// links between the copied files; a copy that cannot keep them fails.
  all,
  /// The same as `all`, but what cannot be kept is ignored.
  possible,
};

/// Gives a copy the owner, the attributes and the permissions of its source, in
/// an order in which no step undoes another. Labels of security modules
/// ("security.selinux" and the like) are only kept where possible, whatever
/// `what` says.
/// @param info result of `stat` on the source before it was copied.
copied<void> keep_properties(open_object& from, open_object& to,
                             const file_info& info, keep what);

} // namespace spindle::fs
