#include "catch.hpp"

#include "spindle/node/event_limiter.hpp"

using namespace spindle;
using namespace std::literals;

TEST_CASE("of many events, some are reported, and the number of the others") {
  event_limiter events;
  event_limiter::time_point now{};
  for (size_t i = 0; i < event_limiter::burst; ++i)
    CHECK(events.admit("joined", now) == 0u);
  for (int i = 0; i < 1000; ++i)
    CHECK(!events.admit("joined", now));
  // Each kind has its own limit.
  CHECK(events.admit("refused", now) == 0u);
  now += 1s;
  CHECK(events.admit("joined", now) == 1000u);
  CHECK(!events.admit("joined", now));
  now += 1h;
  CHECK(events.admit("joined", now) == 1u);
  for (size_t i = 1; i < event_limiter::burst; ++i)
    CHECK(events.admit("joined", now) == 0u);
  CHECK(!events.admit("joined", now));
}
