// The requests of clients that a gateway has not finished, without actors.
#include "catch.hpp"

#include "spindle/node/client_requests.hpp"

using namespace spindle;

TEST_CASE(
  "a ticket from before a restart of a node means no request of today") {
  client_requests before, after;
  auto old = before.add({});
  CHECK(before.find(old));
  for (int i = 0; i < 1000; ++i)
    after.add({});
  CHECK(!after.find(old));
}

TEST_CASE("the numbers of requests ascend") {
  client_requests all;
  auto first = all.add({});
  CHECK(all.next_number() > first);
  CHECK(all.add({}) > first + 1);
}
