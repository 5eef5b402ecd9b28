// What a node admits of all clients together, and when it sends refusals.
#include "catch.hpp"

#include "spindle/node/client_admission.hpp"
#include "spindle/node/late_refusals.hpp"

using namespace spindle;
using namespace std::literals;

namespace {

const client_admission::time_point start{};

} // namespace

TEST_CASE("a node holds so many bytes, and no more") {
  node_limits limits;
  limits.max_total_bytes = 1000;
  client_admission all{limits, nullptr};
  caf::node_id client;
  CHECK(!all.admit(client, 1, 600, start));
  auto why = all.admit_writer(client, 600, start);
  REQUIRE(why);
  CHECK(why->code == errc::limit_exceeded);
  CHECK(why->detail == "max_total_bytes of all clients is 1000");
  // What carries nothing takes no room.
  CHECK(!all.admit(client, 1, 0, start));
  all.release(client, 1, 600, start);
  CHECK(!all.admit_writer(client, 600, start));
  CHECK(all.admit(client, 1, 600, start));
  all.release_writer(client, 600, start);
  CHECK(!all.admit(client, 1, 600, start));
}

TEST_CASE("a request that its client may not make takes no room") {
  node_limits limits;
  limits.max_ops = 1;
  limits.max_total_bytes = 1000;
  client_admission all{limits, nullptr};
  caf::node_id client;
  CHECK(all.admit(client, 2, 900, start)->detail
        == "max_ops of each client is 1");
  CHECK(!all.admit(client, 1, 900, start));
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
  CHECK(!all.until_next(start));
  all.add(1, {}, start);
  all.add(2, {}, start);
  all.add(3, {}, start + 1ms);
  CHECK(*all.until_next(start) == 100ms);
  CHECK(!all.take(start + 99ms, false));
  CHECK(all.take(start + 101ms, false)->who == 1);
  CHECK(all.take(start + 101ms, false)->who == 2);
  CHECK(!all.take(start + 101ms, false));
  CHECK(*all.until_next(start + 101ms) == 1ms);
  // A node that closes does not wait.
  CHECK(all.take(start + 101ms, true)->who == 3);
  CHECK(all.empty());
}
