// Which permissions clients of a node may give to files.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/oplist.hpp"

namespace spindle {

/// The bits that have a file act for its owner, whoever uses it: set-user-ID,
/// set-group-ID, and sticky. What a client makes belongs to the node.
inline constexpr uint32_t special_permissions = 07000;

/// Takes the special bits off the permissions that an operation asks for.
SPINDLE_EXPORT void drop_special_permissions(operation& op);

/// Likewise, of all operations of a list.
SPINDLE_EXPORT void drop_special_permissions(oplist& list);

} // namespace spindle
