// The messages between nodes, beside operations, oplists and writers.
#pragma once

#include "spindle/message/interfaces.hpp"
#include "spindle/message/lane_id.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace spindle {

/// Version of the messages of Spindle. Nodes work together only if they have
/// the same version.
inline constexpr uint32_t protocol_version = 4;

/// Identifies a request, so that the client can repeat it when the answer was
/// lost. The node does it once, and gives each repetition the first answer.
struct request_id {
  /// The number of the client (`welcome::client`); 0 for a request that is
  /// never repeated.
  uint64_t client = 0;
  /// Counts the requests of this client from 1.
  uint64_t sequence = 0;

  auto operator<=>(const request_id&) const = default;

  static constexpr const char* type_name = "request_id";
  static constexpr auto fields = std::tuple{
    field{"client", &request_id::client},
    field{"sequence", &request_id::sequence},
  };
};

/// Names a lane of a client of a node. What a process asks for under one number
/// is done in the order of asking; its lanes share what the client gets of the
/// disk.
struct lane_number {
  uint64_t value = 0;

  auto operator<=>(const lane_number&) const = default;

  static constexpr const char* type_name = "lane_number";
  static constexpr auto fields
    = std::tuple{field{"value", &lane_number::value}};
};

/// Returns the number by which a node knows a lane of this process.
inline lane_number number_of(const lane_id& lane) {
  return {std::hash<lane_id>{}(lane)};
}

/// The first message to a node. One from another version is refused
/// (`errc::not_supported`).
struct join {
  uint32_t version = protocol_version;
  /// The number of this client (`welcome::client`); 0 for a new client.
  uint64_t client = 0;

  static constexpr const char* type_name = "join";
  static constexpr auto fields = std::tuple{
    field{"version", &join::version},
    field{"client", &join::client},
  };
};

/// A directory that a node serves. The path of a file in it is "NAME:path".
struct volume_info {
  std::string name{};
  bool read_only = false;

  bool operator==(const volume_info&) const = default;

  static constexpr const char* type_name = "volume_info";
  static constexpr auto fields = std::tuple{
    field{"name", &volume_info::name},
    field{"read_only", &volume_info::read_only},
  };
};

/// The answer to `join`.
struct welcome {
  /// The number of the client, for each `request_id`. It differs from the one
  /// in `join` if the node does not know the client any more, for instance
  /// after a restart. Requests under the old number are refused
  /// (`errc::request_expired`).
  uint64_t client = 0;
  std::vector<volume_info> volumes{};
  /// Bytes that one message may have. A longer one ends the connection.
  uint64_t max_message_bytes = 0;

  static constexpr const char* type_name = "welcome";
  static constexpr auto fields = std::tuple{
    field{"client", &welcome::client},
    field{"max_message_bytes", &welcome::max_message_bytes},
    field{"volumes", &welcome::volumes},
  };
};

/// Checks that a node is alive.
struct ping {
  static constexpr const char* type_name = "ping";
  static constexpr auto fields = std::tuple{};
};

/// Messages that a node understands: all those of a queue, with paths
/// "NAME:path", and its own. A message without a `lane_number` belongs to the
/// lane of the actor that sent it. A node refuses `shutdown` and `set_profiles`
/// (`errc::permission_denied`).
struct node_trait {
  using signatures
    = detail::extend<supervisor_trait::signatures,
                     // Registers a client.
                     caf::result<welcome>(join),
                     // Does an operation once, also if the id is repeated.
                     caf::result<answer>(request_id, operation, lane_number),
                     // Does an oplist once, also if the id is repeated.
                     caf::result<oplist_report>(request_id, oplist,
                                                lane_number),
                     // Answers with a ticket; calls the callback later.
                     caf::result<ticket>(operation, callback, lane_number),
                     caf::result<ticket>(oplist, list_callback, lane_number),
                     // Spawns a writer. It begins when all that its lane has
                     // asked for before is done.
                     caf::result<writer_actor>(write_job, lane_number),
                     // Answers.
                     caf::result<void>(ping)>::type;
};

/// The gateway of a node.
using node_actor = cafx::typed_actor<node_trait>;

} // namespace spindle
