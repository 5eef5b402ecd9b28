// The status of several queues as one.
#include "catch.hpp"

#include "spindle/node/status_sum.hpp"

#include <string>
#include <type_traits>
#include <vector>

using namespace spindle;

TEST_CASE("each count of a status is added, whatever counts there are") {
  queue_status one, other;
  uint64_t next = 0;
  auto number = [&](auto, auto& member) {
    if constexpr (std::is_same_v<decltype(member), uint64_t&>)
      member = ++next;
  };
  for_each_field(one, number);
  for_each_field(other, number);
  auto sum = one;
  add(sum, other);
  // The counts of `one` are 1 to n, and those of `other` n + 1 to 2n.
  uint64_t i = 0;
  for_each_field(sum, [&](auto name, const auto& member) {
    if constexpr (std::is_same_v<decltype(member), const uint64_t&>) {
      ++i;
      CAPTURE(std::string{name});
      CHECK(member == 2 * i + next / 2);
    }
  });
  CHECK(i == next / 2);
  CHECK(i > 10);
}

TEST_CASE("the mean of several queues is that of all their units") {
  queue_status sum;
  // Units execute more than what counts as an operation that is done.
  add(sum, {.succeeded = 1000, .units = 1, .mean_unit = 5});
  CHECK(sum.mean_unit == Approx(5));
  add(sum, {.units = 3, .mean_unit = 1});
  CHECK(sum.mean_unit == Approx(2));
  add(sum, {});
  CHECK(sum.mean_unit == Approx(2));
  CHECK(sum.units == 4);
}

TEST_CASE("the engine of several queues is a ring if one of them has one") {
  queue_status sum;
  CHECK(sum.engine == engine_kind::plain);
  add(sum, {.engine = engine_kind::threads, .depth = 4});
  add(sum, {.engine = engine_kind::plain, .depth = 1});
  CHECK(sum.engine == engine_kind::threads);
  add(sum, {.engine = engine_kind::ring, .depth = 64});
  add(sum, {.engine = engine_kind::threads, .depth = 4});
  CHECK(sum.engine == engine_kind::ring);
  CHECK(sum.depth == 73);
}

TEST_CASE("operations are added by name, and turns by disk actor") {
  queue_status sum;
  add(sum, {.operations = {{"file_read", 1, 2}}, .turns = {1, 2}});
  add(sum, {.operations = {{"file_write", 3, 0}, {"file_read", 10, 20}},
            .turns = {10, 20}});
  CHECK(sum.operations
        == std::vector<operation_count>{{"file_read", 11, 22},
                                        {"file_write", 3, 0}});
  CHECK(sum.turns == std::vector<uint64_t>{11, 22});
}
