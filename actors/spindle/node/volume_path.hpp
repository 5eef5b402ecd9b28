// Paths as clients of a node write them: "NAME:path", the path being relative
// to the directory of the volume.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/interfaces.hpp"
#include "spindle/message/oplist.hpp"
#include "spindle/message/outcome.hpp"
#include "spindle/ops/attempt.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spindle {

/// A path of a client, split.
struct volume_path {
  std::string volume{};
  std::string path{};
};

/// Splits a path at the first colon.
/// @returns nothing if there is none, or no valid name before it.
SPINDLE_EXPORT std::optional<volume_path> split_volume(std::string_view path);

/// Returns whether a volume may have this name: it has letters, digits, '-',
/// '_' and '.' only, and at least one.
SPINDLE_EXPORT bool is_volume_name(std::string_view name);

/// Removes the volume from all paths of an operation.
/// @returns the name of the volume; `errc::invalid_argument` if a path has
///          none, or if there are two volumes.
SPINDLE_EXPORT attempt<std::string> strip_volume_prefix(operation& op);

/// Likewise, for all operations of a list, which must have one volume. A list
/// without operations has the volume "".
SPINDLE_EXPORT attempt<std::string> strip_volume_prefix(oplist& list);

/// Adds the volume to all paths.
SPINDLE_EXPORT void add_volume_prefix(const std::string& volume, operation& op);
SPINDLE_EXPORT void add_volume_prefix(const std::string& volume, failure& why);
SPINDLE_EXPORT void add_volume_prefix(const std::string& volume,
                                      answer& result);
SPINDLE_EXPORT void add_volume_prefix(const std::string& volume, outcome& x);
SPINDLE_EXPORT void add_volume_prefix(const std::string& volume,
                                      oplist_report& x);
SPINDLE_EXPORT void add_volume_prefix(const std::string& volume,
                                      operation_progress& x);

/// Returns the bytes that an answer carries, about.
SPINDLE_EXPORT uint64_t payload_of(const answer& result);
SPINDLE_EXPORT uint64_t payload_of(const oplist_report& report);

/// Removes the callbacks from a list.
/// @returns one for each operation, in their order; null if it had none.
SPINDLE_EXPORT std::vector<callback> take_callbacks(oplist& list);

/// Calls `fun(outcome)` for each outcome of a report, in the order of
/// execution.
SPINDLE_EXPORT void
for_each_outcome(const oplist_report& report,
                 const std::function<void(const outcome&)>& fun);

/// Sets the ticket of a report and of all its outcomes.
SPINDLE_EXPORT void set_ticket(oplist_report& report, ticket id);

/// Calls callbacks that `take_callbacks` has returned with their outcomes.
SPINDLE_EXPORT void tell_callbacks(const std::vector<callback>& callbacks,
                                   const oplist_report& report);

} // namespace spindle
