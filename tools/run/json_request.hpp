// What a line of input asks for.
#pragma once

#include "run/background_write.hpp"
#include "text/json_line.hpp"

#include "spindle/message/oplist.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace spindle::tool {

/// What there is to repeat of an operation or list when its outcome is written.
struct heading {
  json id;
  /// Inside of lists: id of the innermost one that has an id, or null.
  std::optional<json> list;
  std::string action;
  /// What was given beside id and action; of a list, without its operations.
  json params;
  /// Operations in a list, embedded lists included; none for an operation.
  std::optional<size_t> operations;
};

/// An operation or a list.
struct work {
  std::variant<operation, oplist> what;
  /// In the order of the outcomes: each list comes after what it contains.
  std::vector<heading> headings;
  /// Operations in it.
  size_t operations = 1;
  /// Bytes that these operations carry.
  uint64_t payload_bytes = 0;
  /// Bytes that the answers may be expected to take.
  uint64_t answer_bytes = 0;
  /// Name of the lane that it goes into; empty for the one without a name.
  std::string lane{};
  /// Whether to report how far it is while it is under way.
  bool progress = false;

  /// Returns the id that was given for the whole.
  const json& id() const {
    return headings.back().id;
  }
};

/// A file to be written in the background.
struct background_request {
  heading title;
  background_write what;
  /// Name of the lane after which it begins; empty for the one without a name.
  std::string lane{};
};

/// `{"action": "pause", "id": …}`, likewise "resume" and "set_profile".
struct writer_request {
  enum class kind : uint8_t { pause, resume, set_profile };

  json id;
  kind what = kind::pause;
  /// Of `set_profile`.
  std::string profile;
};

/// `{"action": "cancel", "id": …}`
struct cancel_request {
  json id;
};

/// `{"action": "status"}`
struct status_request {
  json id;
};

/// `{"action": "shutdown"}`
struct shutdown_request {
  json id;
  std::optional<std::chrono::nanoseconds> deadline;
};

/// Anything that can be asked for.
using request = std::variant<work, background_request, writer_request,
                             cancel_request, status_request, shutdown_request>;

/// Returns what an object asks for.
/// @throws bad_request
request decode_request(const json& object);

/// Returns what was given beside the id and the action; an empty object if the
/// input is no object.
json params_of(const json& input);

} // namespace spindle::tool
