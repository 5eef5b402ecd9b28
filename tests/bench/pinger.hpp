// An actor that requests one operation after the other, with pauses.
#pragma once

#include "host.hpp"
#include "statistics.hpp"

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace bench {

/// How long the actor waits before each operation. All threads of an idle queue
/// sleep by then.
inline constexpr auto ping_pause = std::chrono::milliseconds{2};

/// Returns the microseconds since `start`.
double microseconds_since(std::chrono::steady_clock::time_point start);

/// The messages that a pinged actor understands. A supervisor understands them.
struct pinged_trait {
  using signatures = cafx::type_list<caf::result<bool>(spindle::file_exists)>;
};
using pinged = cafx::typed_actor<pinged_trait>;

/// Spawns an actor with a thread of its own that makes one system call and
/// answers: the least that an actor costs that may block.
pinged spawn_bare_disk(host& where);

/// Spawns three actors in a row, as a queue has them: the first delegates to
/// the second, which makes the system call in a thread of its own and delegates
/// to the third, which answers. Returns the first.
pinged spawn_bare_chain(host& where);

/// How long an actor asks, whatever the number of samples.
struct ping_amount {
  size_t count = 0;
  /// After this time, it asks no more, even if there are fewer samples.
  std::chrono::nanoseconds limit = std::chrono::hours{1};
};

/// Has an actor ask `whom` again and again whether a file exists, and appends
/// how many microseconds each answer took.
/// @throws std::runtime_error if the file does not exist, or an answer is
///         missing.
void ping_from_actor(caf::actor_system& sys, const pinged& whom,
                     const std::string& path, const ping_amount& how_often,
                     samples& into);

/// Has an actor request the content of one small file after the other, with the
/// same pauses, and appends how many microseconds each answer took.
/// @param paths files of `file_size` bytes; at least one.
/// @throws std::runtime_error if an operation fails.
void read_from_actor(caf::actor_system& sys,
                     const spindle::supervisor_actor& whom,
                     const std::vector<std::string>& paths, samples& into);

} // namespace bench
