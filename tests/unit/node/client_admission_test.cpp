// What a node admits of all clients together, and when it sends refusals.
#include "catch.hpp"

#include "spindle/node/client_admission.hpp"
#include "spindle/node/late_refusals.hpp"

using namespace spindle;
using namespace std::literals;

namespace {

const client_admission::time_point some_time{};

} // namespace

TEST_CASE("a node holds so many bytes, and no more") {
  node_limits limits;
  limits.max_total_bytes = 1000;
  client_admission all{limits, nullptr};
  caf::node_id client;
  CHECK(!all.admit(client, 1, 600, some_time));
  auto why = all.admit_writer(client, 600, some_time);
  REQUIRE(why);
  CHECK(why->code == errc::limit_exceeded);
  CHECK(why->detail == "max_total_bytes of all clients is 1000");
  // What carries nothing takes no room.
  CHECK(!all.admit(client, 1, 0, some_time));
  all.release(client, 1, 600, some_time);
  CHECK(!all.admit_writer(client, 600, some_time));
  CHECK(all.admit(client, 1, 600, some_time));
  all.release_writer(client, 600, some_time);
  CHECK(!all.admit(client, 1, 600, some_time));
}

TEST_CASE("a request that its client may not make takes no room") {
  node_limits limits;
  limits.max_ops = 1;
  limits.max_total_bytes = 1000;
  client_admission all{limits, nullptr};
  caf::node_id client;
  CHECK(all.admit(client, 2, 900, some_time)->detail
        == "max_ops of each client is 1");
  CHECK(!all.admit(client, 1, 900, some_time));
}

TEST_CASE("other limits hold at once, but for those of the listener") {
  node_limits limits;
  limits.max_message_bytes = 1000;
  client_admission all{limits, nullptr};
  limits.max_message_bytes = 2000;
  limits.max_ops = 1;
  all.apply(limits);
  CHECK(all.limits().max_message_bytes == 1000);
  CHECK(all.limits().max_ops == 1);
}

TEST_CASE("refusals are sent after a pause, and one after the other") {
  late_refusals<int> all;
  CHECK(!all.until_next(some_time));
  all.add(1, {}, some_time);
  all.add(2, {}, some_time);
  all.add(3, {}, some_time + 1ms);
  CHECK(*all.until_next(some_time) == 100ms);
  CHECK(!all.take(some_time + 99ms, false));
  CHECK(all.take(some_time + 101ms, false)->who == 1);
  CHECK(all.take(some_time + 101ms, false)->who == 2);
  CHECK(!all.take(some_time + 101ms, false));
  CHECK(*all.until_next(some_time + 101ms) == 1ms);
  // A node that closes does not wait.
  CHECK(all.take(some_time + 101ms, true)->who == 3);
  CHECK(all.empty());
}
