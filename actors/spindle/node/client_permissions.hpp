// The permissions that clients of a node may set.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/oplist.hpp"

namespace spindle {

/// Set-user-ID, set-group-ID, and sticky. The node owns what clients make, so a
/// program with these bits would have the rights of the node.
inline constexpr uint32_t special_permissions = 07000;

/// Clears the special bits in the permissions that an operation sets.
SPINDLE_EXPORT void drop_special_permissions(operation& op);

/// Likewise, in all operations of a list.
SPINDLE_EXPORT void drop_special_permissions(oplist& list);

} // namespace spindle
