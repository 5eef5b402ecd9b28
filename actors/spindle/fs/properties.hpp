// What a copy keeps of its source beside the content.
#pragma once

#include "spindle/fs/blame.hpp"
#include "spindle/fs/vfs.hpp"

namespace spindle::fs {

/// How much of what is known about its source a copy keeps.
enum class keep : uint8_t {
  /// Permissions and times, and for files not the right to run as somebody
  /// else, because the owner is another.
  basic,
  /// Also owner, group, extended attributes, access control lists, and hard
  /// links among what is copied; a copy that cannot keep them fails.
  all,
  /// The same, as far as possible.
  possible,
};

/// Gives a copy the owner, the attributes and the permissions of its source, in
/// the order in which none undoes another. Labels that a system gives by itself
/// ("security.selinux" and the like) are kept where possible, whatever `what`
/// says.
/// @param info what was found out about the source before it was copied.
copied<void> keep_properties(open_object& from, open_object& to,
                             const file_info& info, keep what);

} // namespace spindle::fs
