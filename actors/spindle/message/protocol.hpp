// What nodes say to each other, besides operations, oplists and writers.
#pragma once

#include "spindle/message/interfaces.hpp"
#include "spindle/message/lane_id.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace spindle {

/// Version of the messages of Spindle. Nodes work together only if theirs is
/// the same: a message that changed has another form under the same number.
inline constexpr uint32_t protocol_version = 2;

/// Names a request, so that it can be repeated when its answer got lost: the
/// node does it once, and answers each repetition with the first answer.
struct request_id {
  /// Who asks, as the node calls it (`welcome::client`); 0 for a request that
  /// nobody is going to repeat.
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
  /// How the node called this client before; 0 for a new client.
  uint64_t client = 0;

  static constexpr const char* type_name = "join";
  static constexpr auto fields = std::tuple{
    field{"version", &join::version},
    field{"client", &join::client},
  };
};

/// A directory that a node offers. The path of a file in it is "NAME:path".
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
  /// What to put into each `request_id`. Another one than before if the node
  /// does not know the client any more, for instance after it was restarted:
  /// requests under the old one are refused (`errc::request_expired`).
  uint64_t client = 0;
  std::vector<volume_info> volumes{};
  /// Bytes that one message may have. A node cuts off who sends more.
  uint64_t max_message_bytes = 0;

  static constexpr const char* type_name = "welcome";
  static constexpr auto fields = std::tuple{
    field{"client", &welcome::client},
    field{"max_message_bytes", &welcome::max_message_bytes},
    field{"volumes", &welcome::volumes},
  };
};

/// Asks a node whether it is still there.
struct ping {
  static constexpr const char* type_name = "ping";
  static constexpr auto fields = std::tuple{};
};

/// Messages that a node understands: all those of a queue, with paths
/// "NAME:path", and its own. A message without a number belongs to the lane of
/// the actor that sent it. A node refuses `shutdown` and `set_profiles`, which
/// are its owner's (`errc::permission_denied`).
struct node_trait {
  using signatures
    = detail::extend<supervisor_trait::signatures,
                     // Lets a client in.
                     caf::result<welcome>(join),
                     // Does an operation once, however often it is asked to.
                     caf::result<answer>(request_id, operation, lane_number),
                     // Does an oplist once, however often it is asked to.
                     caf::result<oplist_report>(request_id, oplist,
                                                lane_number),
                     // Answers with a ticket, and tells the callback later.
                     caf::result<ticket>(operation, callback, lane_number),
                     caf::result<ticket>(oplist, list_callback, lane_number),
                     // Spawns a writer, which begins when all that its lane has
                     // asked for before is done.
                     caf::result<writer_actor>(write_job, lane_number),
                     // Says that it is there.
                     caf::result<void>(ping)>::type;
};

/// The way into a node.
using node_actor = cafx::typed_actor<node_trait>;

} // namespace spindle
