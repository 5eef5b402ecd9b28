// The writers that a node has spawned for its clients.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/internal/node.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <vector>

namespace spindle {

/// A writer of a client.
struct client_writer {
  size_t volume = 0;
  caf::node_id client;
  /// The bytes that came with its job.
  uint64_t bytes = 0;
  /// Null when it has ended.
  writer_actor handle{};
};

/// The writers of clients, and the last ones that have ended. Not thread-safe.
class SPINDLE_EXPORT client_writers {
public:
  void add(caf::actor_id writer, client_writer what);

  /// Calls `fun` with each writer that has not ended.
  template <class Fun>
  void for_each_live(Fun fun) const {
    for (const auto& [id, one] : all_)
      if (one.handle)
        fun(one);
  }

  /// Adds a writer to which an actor of the client gives more data.
  /// @returns whether it is the first one of this actor.
  bool add_source(const caf::actor_addr& source, const writer_actor& writer);

  /// Returns a writer, null if it is not known any more.
  const client_writer* find(caf::actor_id writer) const;

  /// Notes the end of a writer.
  /// @returns what it was until then.
  client_writer end(caf::actor_id writer, const caf::actor_addr& source);

  /// Removes an actor that gives data.
  /// @returns its writers that have not ended.
  std::vector<writer_actor> take_source(const caf::actor_addr& source);

private:
  std::map<caf::actor_id, client_writer> all_;
  /// Open-ended writers that have not ended, by the actor that gives them data.
  std::map<caf::actor_addr, std::map<caf::actor_id, writer_actor>> sources_;
  /// In the order in which they ended.
  std::deque<caf::actor_id> ended_;
};

} // namespace spindle
