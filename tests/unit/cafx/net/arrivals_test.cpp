#include "catch.hpp"

#include "cafx/net/arrivals.hpp"

using cafx::net::arrivals;
using namespace std::chrono_literals;

TEST_CASE("an arrival is late after the timeout") {
  arrivals<int> all{{10, 5000ms}};
  arrivals<int>::clock::time_point now{};
  CHECK(!all.next_deadline());
  all.add(1, now);
  all.add(2, now + 1s);
  all.add(3, now + 2s);
  CHECK(all.next_deadline() == now + 5s);
  all.remove(2);
  CHECK(all.take_late(now + 4999ms).empty());
  CHECK(all.take_late(now + 6s) == std::vector{1});
  CHECK(all.size() == 1);
  CHECK(all.take_late(now + 7s) == std::vector{3});
  CHECK(!all.next_deadline());
  all.remove(3);
}

TEST_CASE("an arrival beyond the limit replaces the oldest one") {
  arrivals<int> all{{3, 5000ms}};
  arrivals<int>::clock::time_point now{};
  for (int i = 1; i <= 3; ++i)
    CHECK(!all.add(i, now));
  CHECK(all.add(4, now) == 1);
  all.remove(2);
  CHECK(!all.add(5, now));
  CHECK(all.add(6, now) == 3);
  CHECK(all.size() == 3);
}
