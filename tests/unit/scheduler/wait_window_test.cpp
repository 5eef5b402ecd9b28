#include "catch.hpp"

#include "spindle/queue/wait_window.hpp"

#include <algorithm>
#include <random>
#include <vector>

using namespace spindle;
using namespace std::literals;

namespace {

using nanoseconds = std::chrono::nanoseconds;

/// Returns the bucket of the 99th percentile as sorting finds it.
size_t sorted_percentile(std::vector<nanoseconds> waits) {
  std::sort(waits.begin(), waits.end());
  return wait_window::bucket_of(waits[waits.size() - 1 - waits.size() / 100]);
}

} // namespace

TEST_CASE("buckets are in the order of the times, and none is left out") {
  size_t last = 0;
  for (auto wait = 0ns; wait < 20s; wait += wait / 64 + 1ns) {
    auto bucket = wait_window::bucket_of(wait);
    if (bucket < last || bucket > last + 1) {
      CAPTURE(wait.count());
      REQUIRE(bucket == last);
    }
    last = bucket;
  }
  CHECK(last == wait_window::buckets - 1);
}

TEST_CASE("the times in a bucket differ by at most an eighth") {
  auto first = 0ns;
  for (auto wait = 0ns; wait < 16s; wait += wait / 256 + 1ns) {
    if (wait_window::bucket_of(wait) != wait_window::bucket_of(first))
      first = wait;
    if (wait - first > std::max<nanoseconds>(first / 8, 1024ns)) {
      CAPTURE(first.count(), wait.count());
      FAIL();
    }
  }
}

TEST_CASE("times out of range are in the first and the last bucket") {
  CHECK(wait_window::bucket_of(-1h) == 0);
  CHECK(wait_window::bucket_of(0ns) == 0);
  CHECK(wait_window::bucket_of(24h) == wait_window::buckets - 1);
  CHECK(wait_window::bucket_of(nanoseconds::max()) == wait_window::buckets - 1);
}

TEST_CASE("nobody has waited in an empty window") {
  wait_window w;
  CHECK(!w.percentile_99());
  w.add(0ns);
  CHECK(w.percentile_99() == size_t{0});
  w.add(5ms);
  w.clear();
  CHECK(!w.percentile_99());
}

TEST_CASE("one operation in a hundred may wait longer than the percentile") {
  wait_window w;
  auto slow = wait_window::bucket_of(5ms);
  auto fast = wait_window::bucket_of(10us);
  w.add(5ms);
  for (int i = 0; i < 98; ++i)
    w.add(10us);
  // Of fewer than a hundred, none may.
  CHECK(w.percentile_99() == slow);
  w.add(10us);
  CHECK(w.percentile_99() == fast);
  w.add(5ms);
  CHECK(w.percentile_99() == slow);
}

TEST_CASE("the percentile is the one that sorting finds") {
  std::mt19937_64 engine{4711};
  for (size_t count : {1, 2, 99, 100, 101, 1000, 12'345}) {
    CAPTURE(count);
    wait_window w;
    std::vector<nanoseconds> waits;
    for (size_t i = 0; i < count; ++i) {
      waits.emplace_back(
        static_cast<int64_t>(engine() >> (20 + engine() % 40)));
      w.add(waits.back());
    }
    CHECK(w.percentile_99() == sorted_percentile(waits));
  }
}
