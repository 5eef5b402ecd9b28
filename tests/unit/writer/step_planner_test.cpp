// The steps of a stream, without actors and in virtual time.
#include "catch.hpp"

#include "spindle/writer/step_planner.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

using namespace spindle;
using namespace std::literals;

namespace {

using time_point = step_planner::time_point;

constexpr auto start = time_point{} + 1h;

buffer letters(size_t n, char c = 'x') {
  return buffer{std::string(n, c)};
}

profile at_full_speed(uint64_t chunk) {
  return {.name = "full", .chunk_size = chunk};
}

profile at_percentage(uint64_t chunk, double pct) {
  return {.name = "slow", .chunk_size = chunk, .bandwidth_pct = pct};
}

/// A stream whose steps the test answers.
struct planned_stream {
  step_planner steps;
  time_point now = start;
  /// Steps that were sent and have no result.
  std::vector<planned_step> pending{};
  std::optional<time_point> wake_up{};

  planned_stream(write_data data, const profile& how) : steps(std::move(data)) {
    steps.set_profile(how, now);
  }

  /// Begins with all the data that there will be.
  void begin() {
    steps.close_input();
    begin_open();
  }

  void begin_open() {
    steps.begin(now);
    ask();
  }

  void ask() {
    auto due = steps.next(now);
    wake_up = due.wake_up;
    std::move(due.steps.begin(), due.steps.end(), std::back_inserter(pending));
  }

  /// Answers the `i`th pending step, and sends what is due then.
  bool answer(size_t i, uint64_t written) {
    auto step = pending.at(i);
    pending.erase(pending.begin() + static_cast<ptrdiff_t>(i));
    auto res = steps.on_result(step.kind, step.number, written, now);
    ask();
    return res;
  }

  /// Answers the first pending step, which was done as a whole.
  bool answer() {
    return answer(0, pending.at(0).chunk.size());
  }

  void sleep(std::chrono::nanoseconds x) {
    now += x;
    ask();
  }
};

} // namespace

// -- chunks -------------------------------------------------------------------

TEST_CASE("the last chunk finishes the stream") {
  planned_stream s{letters(5), at_percentage(2, 50)};
  s.begin();
  REQUIRE(s.pending.size() == 1);
  CHECK(s.pending[0].kind == step_kind::write);
  CHECK(s.pending[0].offset == 0);
  CHECK(s.pending[0].chunk == letters(2));
  s.now += 2ms;
  CHECK(!s.answer());
  // The pause is as long as the chunk took.
  CHECK(s.pending.empty());
  CHECK(s.wake_up == start + 4ms);
  s.sleep(2ms);
  REQUIRE(s.pending.size() == 1);
  CHECK(s.pending[0].offset == 2);
  CHECK(!s.answer());
  s.sleep(1ms);
  REQUIRE(s.pending.size() == 1);
  CHECK(s.pending[0].kind == step_kind::finish);
  CHECK(s.pending[0].offset == 4);
  CHECK(s.pending[0].chunk.size() == 1);
  CHECK(!s.steps.idle());
  CHECK(s.answer());
  CHECK(s.steps.idle());
  CHECK(s.steps.written() == 5);
  CHECK(s.steps.remaining() == 0);
  CHECK(s.steps.chunks() == 3);
  CHECK(s.steps.started() == start);
  CHECK(s.pending.empty());
}

TEST_CASE("blocks are one chunk each, unless they must be cut") {
  auto cut = GENERATE(false, true);
  CAPTURE(cut);
  planned_stream s{{letters(3), letters(1)}, at_full_speed(2)};
  if (cut)
    s.steps.cut_blocks();
  s.begin();
  REQUIRE(s.pending.size() == 2);
  CHECK(s.pending[0].chunk.size() == (cut ? 2u : 3u));
  CHECK(s.pending[1].chunk.size() == 1);
}

TEST_CASE("a stream of no bytes has one step, which finishes it") {
  planned_stream s{write_data{}, at_full_speed(2)};
  s.begin();
  REQUIRE(s.pending.size() == 1);
  CHECK(s.pending[0].kind == step_kind::finish);
  CHECK(s.pending[0].chunk.empty());
  s.ask();
  CHECK(s.pending.size() == 1);
  CHECK(s.answer());
  CHECK(s.steps.chunks() == 0);
  CHECK(!s.steps.started());
}

TEST_CASE("without pauses, two chunks are in flight") {
  planned_stream s{letters(6), at_full_speed(2)};
  s.begin();
  REQUIRE(s.pending.size() == 2);
  CHECK(s.pending[1].offset == 2);
  s.answer();
  REQUIRE(s.pending.size() == 2);
  CHECK(s.pending[1].kind == step_kind::finish);
  CHECK(s.pending[1].offset == 4);
}

TEST_CASE("nothing is sent before the beginning") {
  planned_stream s{letters(6), at_full_speed(2)};
  s.steps.close_input();
  s.ask();
  CHECK(s.pending.empty());
  CHECK(!s.wake_up);
  CHECK(!s.steps.add(letters(1), s.now));
  s.begin();
  CHECK(s.pending.size() == 2);
  CHECK(s.steps.remaining() == 7);
}

// -- results ------------------------------------------------------------------

TEST_CASE("results that overtake each other are told apart") {
  planned_stream s{letters(5), at_full_speed(4)};
  s.begin();
  REQUIRE(s.pending.size() == 2);
  CHECK(s.answer(1, 1));
  CHECK(!s.steps.idle());
  CHECK(s.steps.written() == 1);
  CHECK(!s.answer(0, 4));
  CHECK(s.steps.idle());
  CHECK(s.steps.written() == 5);
  CHECK(s.steps.chunks() == 2);
  CHECK(s.pending.empty());
}

TEST_CASE("what a pipe did not take is sent again later, and later still") {
  planned_stream s{letters(5), at_full_speed(4)};
  s.begin();
  REQUIRE(s.pending.size() == 2);
  // The first is written in part, so that the second is not written at all.
  CHECK(!s.answer(0, 3));
  CHECK(!s.answer(0, 0));
  CHECK(s.pending.empty());
  CHECK(s.wake_up == s.now + 1ms);
  s.sleep(1ms);
  REQUIRE(s.pending.size() == 2);
  CHECK(s.pending[0].kind == step_kind::write);
  CHECK(s.pending[0].offset == 3);
  CHECK(s.pending[0].chunk.size() == 1);
  CHECK(s.pending[1].kind == step_kind::finish);
  CHECK(s.pending[1].offset == 4);
  // As long as it takes nothing, the time doubles, up to 50 ms.
  for (auto backoff : {2ms, 4ms, 8ms, 16ms, 32ms, 50ms, 50ms}) {
    REQUIRE(s.pending.size() == 2);
    CHECK(!s.answer(0, 0));
    CHECK(!s.answer(0, 0));
    CHECK(s.wake_up == s.now + backoff);
    s.sleep(backoff - 1ns);
    CHECK(s.pending.empty());
    s.sleep(1ns);
  }
  CHECK(!s.answer());
  CHECK(s.answer());
  CHECK(s.steps.written() == 5);
  CHECK(s.steps.chunks() == 2);
}

TEST_CASE(
  "a chunk that was refused is sent again once the one before is written") {
  planned_stream s{letters(6), at_full_speed(2)};
  s.begin();
  REQUIRE(s.pending.size() == 2);
  // The disk saw the second first, and did not write it.
  CHECK(!s.answer(1, 0));
  REQUIRE(s.pending.size() == 1);
  CHECK(!s.answer());
  REQUIRE(!s.pending.empty());
  CHECK(s.pending[0].offset == 2);
  CHECK(s.pending[0].chunk.size() == 2);
}

TEST_CASE("a stream that did not take its last bytes is not finished") {
  planned_stream s{letters(3), at_full_speed(3)};
  s.begin();
  CHECK(!s.answer(0, 2));
  s.sleep(1ms);
  REQUIRE(s.pending.size() == 1);
  CHECK(s.pending[0].kind == step_kind::finish);
  CHECK(s.answer());
  CHECK(s.steps.written() == 3);
}

// -- data ---------------------------------------------------------------------

TEST_CASE("data is taken until it is complete") {
  planned_stream s{write_data{}, at_full_speed(4)};
  s.begin_open();
  CHECK(s.pending.empty());
  CHECK(s.steps.add(letters(4, 'a'), s.now));
  CHECK(!s.steps.add(letters(3, 'b'), s.now));
  s.ask();
  REQUIRE(s.pending.size() == 2);
  CHECK(s.pending[0].kind == step_kind::write);
  CHECK(s.pending[1].kind == step_kind::write);
  s.answer();
  s.answer();
  CHECK(s.pending.empty());
  CHECK(s.steps.idle());
  s.steps.close_input();
  s.ask();
  REQUIRE(s.pending.size() == 1);
  CHECK(s.pending[0].kind == step_kind::finish);
  CHECK(s.pending[0].offset == 7);
  CHECK(s.pending[0].chunk.empty());
  CHECK(s.answer());
}

TEST_CASE("time without data is not made up for") {
  planned_stream s{letters(1), at_percentage(1, 50)};
  s.begin_open();
  s.now += 2ms;
  s.answer();
  s.sleep(10s);
  CHECK(s.steps.add(letters(3), s.now));
  s.ask();
  REQUIRE(s.pending.size() == 1);
  s.now += 2ms;
  s.answer();
  CHECK(s.wake_up == s.now + 2ms);
}

// -- control ------------------------------------------------------------------

TEST_CASE("a paused stream hands over no chunk, but finishes those in flight") {
  planned_stream s{letters(6), at_full_speed(2)};
  s.begin();
  REQUIRE(s.pending.size() == 2);
  s.steps.pause();
  CHECK(s.steps.paused());
  s.answer();
  // A chunk that was handed over is sent again nevertheless.
  s.answer(0, 1);
  s.sleep(1ms);
  REQUIRE(s.pending.size() == 1);
  CHECK(s.pending[0].offset == 3);
  s.answer();
  s.sleep(1h);
  CHECK(s.pending.empty());
  CHECK(s.steps.written() == 4);
  s.steps.resume(s.now);
  CHECK(!s.steps.paused());
  s.ask();
  REQUIRE(s.pending.size() == 1);
  CHECK(s.answer());
}

TEST_CASE("another profile holds for chunks that are not handed over") {
  planned_stream s{letters(8), at_percentage(1, 1)};
  s.begin();
  s.now += 1ms;
  s.answer();
  CHECK(s.wake_up == s.now + 99ms);
  s.steps.set_profile(at_full_speed(5), s.now);
  CHECK(s.steps.pace()->current().name == "full");
  s.ask();
  REQUIRE(s.pending.size() == 2);
  CHECK(s.pending[0].chunk.size() == 5);
  CHECK(s.pending[1].chunk.size() == 2);
}

TEST_CASE("after a stop, nothing is sent but one step that cleans up") {
  planned_stream s{letters(6), at_full_speed(2)};
  s.begin();
  s.steps.stop();
  s.answer();
  CHECK(!s.steps.add(letters(1), s.now));
  s.steps.on_failure();
  s.pending.clear();
  CHECK(s.steps.idle());
  s.sleep(1h);
  CHECK(s.pending.empty());
  auto last = s.steps.abandon();
  REQUIRE(last);
  CHECK(last->kind == step_kind::abandon);
  CHECK(!s.steps.idle());
  CHECK(!s.steps.abandon());
  CHECK(!s.steps.on_result(last->kind, last->number, 0, s.now));
  CHECK(s.steps.idle());
  // What the stream counted is right, whatever the results said.
  CHECK(s.steps.written() == 2);
  s.steps.correct_written(3);
  CHECK(s.steps.written() == 3);
  CHECK(s.steps.remaining() == 4);
}

TEST_CASE("a stream that is finished although it was stopped says so") {
  planned_stream s{letters(2), at_full_speed(2)};
  s.begin();
  REQUIRE(s.pending.size() == 1);
  s.steps.stop();
  CHECK(s.answer());
}
