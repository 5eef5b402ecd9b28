#include "spindle/config/keys.hpp"

#include "catch.hpp"

#include <algorithm>
#include <set>

// Each test names all members of a struct in a structured binding. A new member
// breaks the binding, as a reminder to add its key.

using namespace spindle;
using namespace spindle::config;

namespace {

using places = std::set<const void*>;

/// Returns the addresses of the members of `x` that have keys.
template <class Struct, class Keys>
places places_of(const Struct& x, const Keys& keys) {
  places res;
  for_each_key(keys, [&](const auto& key) {
    CAPTURE(key.name);
    CHECK(res.insert(&(x.*key.member)).second);
  });
  return res;
}

template <class... Members>
places places_of_members(const Members&... xs) {
  return {&xs...};
}

} // namespace

TEST_CASE("each setting of a queue has a key") {
  settings x;
  // Profiles have their own tables; the disk cannot be set in a file.
  auto& [pending_ops, pending_bytes, oplist_length, oplist_depth, turn_ops,
         turn_bytes, quantum, depth, engine, read_bytes, listed_entries,
         writers, buffered, remembered, profiles, detach, disk]
    = x;
  static_cast<void>(profiles);
  static_cast<void>(disk);
  CHECK(places_of(x, queue_keys)
        == places_of_members(pending_ops, pending_bytes, oplist_length,
                             oplist_depth, turn_ops, turn_bytes, quantum, depth,
                             engine, read_bytes, listed_entries, writers,
                             buffered, remembered, detach));
}

TEST_CASE("each value of a profile has a key") {
  profile x;
  auto& [name, wait, chunk, share, smoothing, rate, pace, weight, goal] = x;
  static_cast<void>(name); // the key of its table
  CHECK(places_of(x, profile_keys)
        == places_of_members(wait, chunk, share, smoothing, rate, pace, weight,
                             goal));
}

TEST_CASE("each setting of a node has a key") {
  node_limits limits;
  auto& [ops, bytes, message, writers, rate, weight, max_profile, window,
         window_bytes, total, connections, handshakes, unfinished, clients]
    = limits;
  static_cast<void>(max_profile); // the name of a profile
  CHECK(places_of(limits, limit_keys)
        == places_of_members(ops, bytes, message, writers, rate, weight, window,
                             window_bytes, total, connections, handshakes,
                             unfinished, clients));

  listen_section listen;
  auto& [address, port, tls] = listen;
  CHECK(places_of(listen, listen_keys) == places_of_members(address, port));
  auto& [certificate, key, authorities] = tls;
  CHECK(places_of(tls, tls_keys)
        == places_of_members(certificate, key, authorities));

  volume_section volume;
  auto& [name, root, access, must_be_mount, special_permissions] = volume;
  static_cast<void>(name); // the key of its table
  CHECK(places_of(volume, volume_keys)
        == places_of_members(root, access, must_be_mount, special_permissions));

  node_section node;
  auto& [level, drain] = node;
  CHECK(places_of(node, node_keys) == places_of_members(level, drain));
}
