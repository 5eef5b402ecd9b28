// Paths as clients of a node write them: "NAME:path", the path being relative
// to the directory of the volume.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/interfaces.hpp"
#include "spindle/message/oplist.hpp"
#include "spindle/message/outcome.hpp"

#include <tl/expected.hpp>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace spindle {

/// A path of a client, taken apart.
struct volume_path {
  std::string volume{};
  std::string path{};
};

/// Takes a path apart at the first colon.
/// @returns nothing if there is none, or no name before it.
SPINDLE_EXPORT std::optional<volume_path> split_volume(std::string_view path);

/// Returns whether a volume may have this name: letters, digits, '-', '_' and
/// '.', so that it can be told from any path.
SPINDLE_EXPORT bool is_volume_name(std::string_view name);

/// Takes the volume off all paths of an operation.
/// @returns its name, or why that cannot be: a path without a volume, or two
///          volumes.
SPINDLE_EXPORT tl::expected<std::string, failure>
strip_volume_prefix(operation& op);

/// Likewise, of all operations of a list, which must be of one volume. A list
/// without operations has the volume "".
SPINDLE_EXPORT tl::expected<std::string, failure>
strip_volume_prefix(oplist& list);

/// Puts the name of a volume before the paths of what comes from there.
SPINDLE_EXPORT void add_volume_prefix(const std::string& volume, operation& op);
SPINDLE_EXPORT void add_volume_prefix(const std::string& volume, failure& why);
SPINDLE_EXPORT void add_volume_prefix(const std::string& volume,
                                      answer& result);
SPINDLE_EXPORT void add_volume_prefix(const std::string& volume, outcome& x);
SPINDLE_EXPORT void add_volume_prefix(const std::string& volume,
                                      oplist_report& x);
SPINDLE_EXPORT void add_volume_prefix(const std::string& volume,
                                      operation_progress& x);

/// Returns the bytes that an answer carries, or about so many.
SPINDLE_EXPORT uint64_t payload_of(const answer& result);
SPINDLE_EXPORT uint64_t payload_of(const oplist_report& report);

/// Takes the callbacks of its operations out of a list, in their order.
SPINDLE_EXPORT std::vector<callback> take_callbacks(oplist& list);

/// Calls `fun(outcome)` for each outcome of a report, in the order of
/// execution.
SPINDLE_EXPORT void
for_each_outcome(const oplist_report& report,
                 const std::function<void(const outcome&)>& fun);

/// Puts another ticket on a report and all of its outcomes.
SPINDLE_EXPORT void set_ticket(oplist_report& report, ticket id);

/// Tells those who were taken out of a list what became of its operations.
SPINDLE_EXPORT void tell_callbacks(const std::vector<callback>& callbacks,
                                   const oplist_report& report);

} // namespace spindle
