// The writers of a node that a connection has proxies for.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/internal/node.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace spindle {

/// A writer of the node, and its proxy.
struct placement {
  /// Null when it has ended.
  remote_writer_actor proxy{};
  std::string path{};
  /// Null until the node has spawned the writer, and if it never does.
  writer_actor real{};
  /// The number of this client when the node spawned the writer. A node that
  /// was started again gives it another one.
  uint64_t client = 0;
  /// Why there is no writer.
  std::optional<failure> refused{};
  /// Called when the placement is settled.
  std::vector<std::function<void()>> on_settled{};
  bool ended = false;

  /// Returns whether it is known if there is a writer, or nobody needs to know
  /// because the proxy has ended.
  bool settled() const {
    return real || refused || ended;
  }

  /// Calls those who wait until it is settled.
  void notify_settled();

  /// Returns why there is no writer. Must be settled.
  failure why_unplaced() const;
};

/// The writers that a connection has proxies for, and the last ones that have
/// ended. Not thread-safe.
class SPINDLE_EXPORT placements {
public:
  void add(const remote_writer_actor& proxy, std::string path);

  /// Returns the placement of a proxy, null if it is not known any more.
  placement* find(caf::actor_id proxy);

  /// Notes that a proxy has ended.
  void end(caf::actor_id proxy);

  /// Returns whether all proxies have ended.
  bool all_ended() const {
    return all_.size() == ended_.size();
  }

  /// Has all writers finish, since nobody will give them more data.
  void finish_all();

  /// Refuses all writers that the node has not spawned. Calls nobody yet.
  void refuse_unplaced(failure why);

  /// Fails the proxies of all writers, and calls those who wait for them.
  void fail_all(const failure& why);

  /// Fails the proxies of all writers.
  void notify_all(const failure& why) const;

  /// Appends the writers that have not ended.
  void add_undone(std::vector<undone>& to) const;

private:
  std::map<caf::actor_id, placement> all_;
  /// In the order in which they ended.
  std::deque<caf::actor_id> ended_;
};

} // namespace spindle
