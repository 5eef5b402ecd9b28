#include "catch.hpp"

#include "spindle/writer/pacer.hpp"

#include <limits>

using namespace spindle;
using namespace std::literals;

using std::chrono::nanoseconds;
using time_point = pacer::time_point;

namespace {

constexpr auto t0 = time_point{} + 1h;

profile with_pct(double pct, uint32_t smoothing = 5) {
  return {.bandwidth_pct = pct, .rate_smoothing = smoothing};
}

profile with_rate(uint64_t bytes_per_s, double pct = 100) {
  return {.bandwidth_pct = pct, .max_rate = bytes_per_s};
}

/// Writes chunks as soon as they are due.
struct punctual_writer {
  pacer p;
  time_point now = t0;

  explicit punctual_writer(profile how) : p(std::move(how), t0) {}

  /// Writes a chunk.
  /// @param busy is how long it is in flight.
  /// @param late is the time from its deadline until it is handed over.
  /// @returns the pause that the pacer wants after it.
  nanoseconds write(nanoseconds busy, uint64_t bytes = 1,
                    nanoseconds late = 0ns) {
    now = std::max(now, p.next_start().value()) + late;
    p.on_handed_over(now, bytes);
    now += busy;
    p.on_written(now, bytes);
    return pause();
  }

  nanoseconds pause() const {
    return p.next_start().value() - now;
  }
};

} // namespace

// -- the duty cycle -----------------------------------------------------------

TEST_CASE("the pause is what makes the percentage of busy time") {
  CHECK(punctual_writer{with_pct(20)}.write(10ms) == 40ms);
  CHECK(punctual_writer{with_pct(50)}.write(10ms) == 10ms);
  CHECK(punctual_writer{with_pct(80)}.write(10ms) == 2500us);
  CHECK(punctual_writer{with_pct(0.5)}.write(1ms) == 199ms);
  CHECK(punctual_writer{with_pct(100)}.write(10ms) == 0ns);
}

TEST_CASE("the first chunk starts at once") {
  pacer p{with_pct(20), t0};
  CHECK(p.next_start() == t0);
  // Time before it, for instance in a chain, does not count as late.
  p.on_handed_over(t0 + 10ms, 1);
  p.on_written(t0 + 20ms, 1);
  CHECK(p.next_start() == t0 + 60ms);
}

TEST_CASE("rounding does not shorten pauses in the long run") {
  punctual_writer w{with_pct(75)};
  for (int i = 0; i < 3000; ++i)
    w.write(100ns);
  // A third of 100 is 33 and a bit, three thousand times.
  CHECK(w.p.next_start().value() - t0 >= 400us);
  CHECK(w.p.next_start().value() - t0 <= 400us + 1ns);
}

TEST_CASE("a chunk that took no time is followed by no pause") {
  punctual_writer w{with_pct(20)};
  CHECK(w.write(0ns) == 0ns);
  CHECK(w.write(0ns) == 0ns);
  CHECK(w.write(10ms) > 0ns);
}

TEST_CASE("pauses are smoothed over the last chunks") {
  punctual_writer w{with_pct(50, 4)};
  for (int i = 0; i < 4; ++i)
    CHECK(w.write(10ms) == 10ms);
  // The mean is 15 ms; the rest of the 30 ms is put off.
  CHECK(w.write(30ms) == 15ms);
  CHECK(w.write(10ms) == 15ms);
  CHECK(w.write(10ms) == 15ms);
  // Only 15 ms are left, and this pause makes up for them.
  CHECK(w.write(10ms) == 15ms);
  CHECK(w.write(10ms) == 10ms);
}

TEST_CASE("without smoothing each chunk gets its own pause") {
  punctual_writer w{with_pct(50, 1)};
  CHECK(w.write(10ms) == 10ms);
  CHECK(w.write(30ms) == 30ms);
  CHECK(w.write(5ms) == 5ms);
}

TEST_CASE("at most one mean pause is put off") {
  punctual_writer w{with_pct(50, 4)};
  for (int i = 0; i < 4; ++i)
    w.write(10ms);
  // The mean is 257.5 ms.
  CHECK(w.write(1s) == 742'500us);
  CHECK(w.write(10ms) == 257'500us);
  CHECK(w.write(10ms) == 20ms);
  CHECK(w.write(10ms) == 10ms);
}

TEST_CASE("smoothing has a bound") {
  punctual_writer w{with_pct(50, std::numeric_limits<uint32_t>::max())};
  w.write(2560ms);
  for (size_t i = 1; i < pacer::max_smoothing; ++i)
    w.write(0ns);
  // The mean of the last 256 is 1 ms, and then 2 ms.
  CHECK(w.write(256ms) == 255ms);
}

// -- the latency goal ---------------------------------------------------------

TEST_CASE("a share multiplies the duty from the next pause on") {
  auto how = with_pct(20);
  how.latency_goal = 4ms;
  punctual_writer w{how};
  CHECK(w.write(10ms) == 40ms);
  CHECK(!w.p.duty_limit());
  w.p.limit_share(0.5);
  // A pause that has begun stays.
  CHECK(w.pause() == 40ms);
  CHECK(w.write(10ms) == 90ms);
  CHECK(w.p.duty_limit() == 0.1);
  w.p.limit_share(0.1);
  CHECK(w.write(10ms) == 490ms);
  w.p.limit_share(1);
  CHECK(w.write(10ms) == 40ms);
  CHECK(!w.p.duty_limit());
}

TEST_CASE("a share leaves a writer a hundredth of the time") {
  auto [pct, limited] = GENERATE(Catch::Generators::table<double, bool>(
    {{100, true}, {20, true}, {2, true}, {1, false}, {0.5, false}}));
  CAPTURE(pct);
  auto how = with_pct(pct);
  how.latency_goal = 4ms;
  punctual_writer w{how}, unlimited{with_pct(pct)};
  w.p.limit_share(0.001);
  CHECK(w.p.duty_limit().has_value() == limited);
  CHECK(w.write(10ms) == (limited ? 990ms : unlimited.write(10ms)));
}

TEST_CASE("a share has no effect without a latency goal") {
  punctual_writer w{with_pct(20)};
  w.p.limit_share(0.5);
  CHECK(w.write(10ms) == 40ms);
  CHECK(!w.p.duty_limit());
  auto how = with_pct(20);
  how.latency_goal = 4ms;
  w.p.set_profile(how, w.now);
  CHECK(w.write(10ms) == 90ms);
  w.p.set_profile(with_pct(20), w.now);
  CHECK(w.write(10ms) == 40ms);
}

TEST_CASE("a share also multiplies the duty of relative pacing") {
  auto how = with_pct(50);
  how.pacing = pacing::relative;
  how.latency_goal = 4ms;
  punctual_writer w{how};
  CHECK(w.write(10ms) == 5ms);
  // Two thirds of the time become a third.
  w.p.limit_share(0.5);
  CHECK(w.write(10ms) >= 20ms);
  CHECK(w.pause() <= 20ms + 1ns);
}

TEST_CASE("with a share, one chunk is in flight also at 100 %") {
  auto how = with_pct(100);
  how.latency_goal = 4ms;
  pacer p{how, t0};
  p.on_handed_over(t0, 1);
  CHECK(p.next_start() == t0);
  p.on_handed_over(t0, 1);
  p.limit_share(0.5);
  p.on_written(t0 + 10ms, 1);
  CHECK(!p.next_start());
  p.on_written(t0 + 20ms, 1);
  // Each of the two has its pause; one is put off.
  CHECK(p.next_start() == t0 + 30ms);
  p.on_handed_over(t0 + 30ms, 1);
  CHECK(!p.next_start());
  p.limit_share(1);
  CHECK(p.next_start().has_value());
}

TEST_CASE("a share does not change the rate limit") {
  auto how = with_rate(1000);
  how.latency_goal = 4ms;
  how.rate_smoothing = 1;
  punctual_writer w{how};
  w.p.limit_share(0.5);
  CHECK(w.write(1ms, 100) == 99ms);
  CHECK(w.write(80ms, 100) == 80ms);
}

// -- late wake-ups ------------------------------------------------------------

TEST_CASE("a late start shortens the pauses after it") {
  punctual_writer w{with_pct(50)};
  w.write(10ms);
  CHECK(w.write(10ms, 1, 4ms) == 6ms);
  CHECK(w.write(10ms) == 10ms);
  SECTION("and a later one several of them") {
    CHECK(w.write(10ms, 1, 24ms) == 0ns);
    CHECK(w.write(10ms) == 0ns);
    CHECK(w.write(10ms) == 6ms);
    CHECK(w.write(10ms) == 10ms);
  }
}

TEST_CASE("a start that is later than the tolerance is not made up for") {
  punctual_writer w{with_pct(50)};
  w.write(10ms);
  CHECK(w.write(10ms, 1, pacer::tolerance) == 0ns);
  w.write(10ms);
  w.write(10ms);
  w.write(10ms);
  CHECK(w.pause() == 10ms);
  CHECK(w.write(10ms, 1, pacer::tolerance + 1ns) == 10ms);
  CHECK(w.write(10ms, 1, 10s) == 10ms);
}

TEST_CASE("what is made up for has a bound, however many starts are late") {
  punctual_writer w{with_pct(50)};
  w.write(1ms);
  for (int i = 0; i < 10; ++i)
    CHECK(w.write(1ms, 1, 20ms) == 0ns);
  // 25 ms at most, of which the last chunk took one.
  int unpaused = 0;
  while (w.write(1ms) == 0ns)
    ++unpaused;
  CHECK(unpaused == 24);
}

TEST_CASE("a chunk that starts early makes the pause after it longer") {
  punctual_writer w{with_pct(50)};
  w.write(10ms);
  CHECK(w.write(10ms, 1, -3ms) == 10ms);
  CHECK(w.write(5ms) == 8ms);
}

TEST_CASE("a chunk that stalls is busy and followed by no burst") {
  punctual_writer w{with_pct(20)};
  for (int i = 0; i < 10; ++i)
    CHECK(w.write(10ms) == 40ms);
  auto mean = (4 * 10ms + 10s) / 5;
  CHECK(w.write(10s) == 4 * (10s - mean));
  CHECK(w.write(10ms) == 4 * mean);
  CHECK(w.write(10ms) == 80ms);
  for (int i = 0; i < 20; ++i)
    CHECK(w.write(10ms) == 40ms);
}

// -- relative -----------------------------------------------------------------

TEST_CASE("relative pauses for a share of the mean time of a chunk") {
  auto how = with_pct(20, 2);
  how.pacing = pacing::relative;
  punctual_writer w{how};
  CHECK(w.write(20ms) == 16ms);
  CHECK(w.write(10ms) == 12ms);
  CHECK(w.write(20ms) == 12ms);
  CHECK(w.write(10ms) == 12ms);
  CHECK(w.write(10ms) == 8ms);
  CHECK(w.write(10ms, 1, 3ms) == 5ms);
}

TEST_CASE("relative without limit never pauses") {
  auto how = with_pct(100);
  how.pacing = pacing::relative;
  punctual_writer w{how};
  CHECK(w.write(10ms) == 0ns);
  w.p.on_handed_over(w.now, 1);
  CHECK(w.p.next_start());
}

// -- the rate -----------------------------------------------------------------

TEST_CASE("chunks of a limited rate have deadlines") {
  punctual_writer w{with_rate(1000)};
  CHECK(w.write(2ms, 5) == 3ms);
  CHECK(w.write(2ms, 10) == 8ms);
  CHECK(w.p.next_start() == t0 + 15ms);
}

TEST_CASE("delays within the tolerance do not lower the rate") {
  punctual_writer w{with_rate(1000)};
  w.write(1ms, 10);
  CHECK(w.write(1ms, 10, 6ms) == 3ms);
  CHECK(w.p.next_start() == t0 + 20ms);
  // The deadlines after this one, at 30 and 40 ms, are missed.
  w.write(1ms, 10, pacer::tolerance);
  CHECK(w.pause() == 0ns);
  w.write(1ms, 10);
  w.write(1ms, 10);
  CHECK(w.p.next_start() == t0 + 50ms);
  w.write(1ms, 10, pacer::tolerance + 1ns);
  CHECK(w.p.next_start() == t0 + 50ms + pacer::tolerance + 1ns + 10ms);
}

TEST_CASE("a chunk of 5 s at the rate is followed by a wait of 5 s") {
  punctual_writer w{with_rate(1000)};
  w.write(1ms, 5000);
  CHECK(w.p.next_start() == t0 + 5s);
  w.write(1ms, 1);
  CHECK(w.p.next_start() == t0 + 5001ms);
}

TEST_CASE("rounding does not lower the rate") {
  punctual_writer w{with_rate(3'000'000'000)};
  for (int i = 0; i < 3000; ++i)
    w.write(0ns, 1);
  CHECK(w.p.next_start() == t0 + 1us);
}

TEST_CASE("a rate limits the size of chunks") {
  pacer free{with_pct(20), t0};
  CHECK(free.chunk_size(1 << 20) == 1 << 20);
  pacer p{with_rate(20'000'000), t0};
  CHECK(p.chunk_size(1 << 20) == 100'000);
  CHECK(p.chunk_size(1000) == 1000);
  CHECK(pacer{with_rate(1), t0}.chunk_size(1000) == 1);
}

TEST_CASE("the later of both limits holds") {
  auto how = with_rate(1000, 50);
  how.rate_smoothing = 1;
  punctual_writer w{how};
  CHECK(w.write(2ms, 10) == 8ms);
  SECTION("the percentage") {
    CHECK(w.write(10ms, 10) == 10ms);
  }
  SECTION("waiting for the rate does not shorten later pauses") {
    for (int i = 0; i < 10; ++i)
      w.write(2ms, 10);
    w.write(2ms, 1);
    CHECK(w.write(2ms, 1) == 2ms);
  }
  SECTION("pausing raises the later rate by the tolerance at most") {
    for (int i = 0; i < 10; ++i)
      w.write(20ms, 10);
    auto start = w.p.next_start().value();
    w.write(0ns, 10);
    w.write(0ns, 10);
    w.write(0ns, 10);
    w.write(0ns, 10);
    CHECK(w.p.next_start().value() - start >= 40ms - pacer::tolerance);
  }
}

// -- two chunks in flight -----------------------------------------------------

TEST_CASE("a chunk waits at the disk for the one before it, without pauses") {
  pacer p{with_pct(100), t0};
  p.on_handed_over(t0, 1);
  REQUIRE(p.next_start());
  CHECK(p.next_start() <= t0);
  p.on_handed_over(t0, 1);
  CHECK(!p.next_start());
  p.on_written(t0 + 10ms, 1);
  REQUIRE(p.next_start());
  CHECK(p.next_start() <= t0 + 10ms);
  p.on_handed_over(t0 + 10ms, 1);
  CHECK(!p.next_start());
  p.on_written(t0 + 20ms, 1);
  p.on_written(t0 + 30ms, 1);
  CHECK(p.overall(t0 + 30ms) == pace{30ms, 30ms, 3});
}

TEST_CASE("with pauses there is one chunk in flight") {
  pacer p{with_pct(99.9), t0};
  p.on_handed_over(t0, 1);
  CHECK(!p.next_start());
  p.on_written(t0 + 10ms, 1);
  CHECK(p.next_start());
}

TEST_CASE("a rate holds with two chunks in flight") {
  pacer p{with_rate(1000), t0};
  p.on_handed_over(t0, 10);
  CHECK(p.next_start() == t0 + 10ms);
  p.on_handed_over(t0 + 10ms, 10);
  CHECK(!p.next_start());
  p.on_written(t0 + 12ms, 10);
  CHECK(p.next_start() == t0 + 20ms);
}

// -- a new profile ------------------------------------------------------------

TEST_CASE("a new percentage applies to the next chunk") {
  punctual_writer w{with_pct(20)};
  for (int i = 0; i < 10; ++i)
    w.write(10ms);
  w.write(10ms, 1, 9ms);
  w.p.set_profile(with_pct(50), w.now);
  CHECK(w.p.current().bandwidth_pct == 50);
  CHECK(w.pause() == 10ms);
  // Earlier chunks count neither as delays nor in the mean.
  CHECK(w.write(100us) == 100us);
  CHECK(w.write(300us) == 200us);
}

TEST_CASE("a pause that has begun becomes shorter but not longer") {
  punctual_writer w{with_pct(0.5)};
  CHECK(w.write(100ms) == 19900ms);
  w.p.set_profile(with_pct(20), w.now);
  CHECK(w.pause() == 400ms);
  w.p.set_profile(with_pct(0.5), w.now);
  CHECK(w.pause() == 400ms);
  w.p.set_profile(with_pct(100), w.now + 200ms);
  CHECK(w.pause() == 200ms);
}

TEST_CASE("a chunk in flight is followed by the pause of the new profile") {
  pacer p{with_pct(100), t0};
  p.on_handed_over(t0, 1);
  p.on_handed_over(t0, 1);
  p.set_profile(with_pct(50), t0 + 5ms);
  CHECK(!p.next_start());
  p.on_written(t0 + 10ms, 1);
  CHECK(!p.next_start());
  p.on_written(t0 + 20ms, 1);
  CHECK(p.next_start() == t0 + 30ms);
  p.on_handed_over(t0 + 30ms, 1);
  p.on_written(t0 + 32ms, 1);
  CHECK(p.next_start() == t0 + 34ms);
  p.on_handed_over(t0 + 34ms, 1);
  p.set_profile(with_pct(100), t0 + 35ms);
  REQUIRE(p.next_start());
  CHECK(p.next_start() <= t0 + 35ms);
}

TEST_CASE("the same profile again changes nothing") {
  punctual_writer w{with_pct(50)};
  for (int i = 0; i < 10; ++i)
    w.write(10ms);
  w.write(12ms);
  auto before = w.pause();
  auto pace_before = w.p.recent(w.now);
  w.p.set_profile(with_pct(50), w.now + 5ms);
  CHECK(w.pause() == before);
  CHECK(w.p.recent(w.now) == pace_before);
}

TEST_CASE("from unlimited to slow there is no debt, and no delay") {
  punctual_writer w{with_pct(100)};
  w.write(10ms, 1 << 20);
  w.p.set_profile(with_rate(1000), w.now);
  CHECK(w.pause() == 0ns);
  CHECK(w.write(1ms, 10) == 9ms);
  CHECK(w.write(1ms, 10) == 9ms);
}

TEST_CASE("a limit that comes with a chunk in flight begins with the next") {
  pacer p{with_pct(100), t0};
  p.on_handed_over(t0, 1 << 20);
  p.set_profile(with_rate(1000), t0 + 1ms);
  p.on_written(t0 + 20ms, 1 << 20);
  REQUIRE(p.next_start());
  CHECK(p.next_start() <= t0 + 20ms);
  p.on_handed_over(t0 + 20ms, 10);
  CHECK(p.next_start() == t0 + 30ms);
}

TEST_CASE("a wait for the old rate becomes shorter but not longer") {
  punctual_writer w{with_rate(1000)};
  w.write(0ns, 1000);
  CHECK(w.pause() == 1s);
  w.p.set_profile(with_rate(2000), w.now);
  CHECK(w.pause() == 500ms);
  w.p.set_profile(with_rate(1), w.now + 100ms);
  CHECK(w.pause() == 500ms);
  // The deadlines of the new rate begin when its first chunk does.
  w.write(0ns, 1, 3ms);
  CHECK(w.pause() == 1s);
  w.p.set_profile(with_pct(100), w.now);
  CHECK(w.pause() == 0ns);
}

// -- idle time and pauses by the user -----------------------------------------

TEST_CASE("idle time does not change later pauses") {
  punctual_writer w{with_rate(1000, 50)};
  for (int i = 0; i < 5; ++i)
    w.write(20ms, 10);
  auto idle = GENERATE(1ms, 24ms, 10s);
  w.now = w.p.next_start().value() + idle;
  w.p.on_ready(w.now);
  CHECK(w.pause() == 0ns);
  CHECK(w.p.overall(w.now) == pace{100ms, 200ms, 50});
  CHECK(w.write(20ms, 10) == 20ms);
  CHECK(w.p.overall(w.now) == pace{120ms, 220ms, 60});
  w.p.set_profile(with_rate(1000), w.now);
  w.write(0ns, 10);
  auto start = w.p.next_start().value();
  w.p.on_ready(start + idle);
  w.write(0ns, 10);
  CHECK(w.p.next_start() == start + idle + 10ms);
}

TEST_CASE("a pause goes on while the writer is idle") {
  punctual_writer w{with_pct(50)};
  w.write(10ms);
  w.p.on_ready(w.now + 4ms);
  CHECK(w.pause() == 10ms);
  CHECK(w.write(10ms) == 10ms);
  CHECK(w.p.overall(w.now) == pace{20ms, 30ms, 2});
}

TEST_CASE("time after a deadline counts only when a chunk was handed over") {
  punctual_writer w{with_pct(50)};
  w.write(10ms, 7);
  CHECK(w.p.overall(w.now + 1h) == pace{10ms, 20ms, 7});
  w.p.on_handed_over(w.now + 1h, 7);
  CHECK(w.p.overall(w.now + 1h) == pace{10ms, 10ms + 1h, 7});
}

TEST_CASE("idle time is not counted when the profile changes meanwhile") {
  punctual_writer w{with_pct(50)};
  w.write(10ms);
  w.now += 1h;
  w.p.set_profile(with_pct(20), w.now);
  w.p.on_ready(w.now + 1h);
  CHECK(w.p.overall(w.now + 2h) == pace{10ms, 20ms, 1});
}

// -- measurements -------------------------------------------------------------

TEST_CASE("the pace so far is known at any time") {
  pacer p{with_pct(50), t0};
  CHECK(p.overall(t0 + 1s) == pace{});
  CHECK(p.overall(t0).duty_pct() == 0);
  CHECK(p.overall(t0).rate_bytes_per_s() == 0);
  p.on_ready(t0 + 1s);
  p.on_handed_over(t0 + 1s, 1000);
  CHECK(p.overall(t0 + 1004ms) == pace{4ms, 4ms, 0});
  p.on_written(t0 + 1010ms, 1000);
  CHECK(p.recent(t0 + 1010ms) == pace{10ms, 10ms, 1000});
  CHECK(p.overall(t0 + 1020ms) == pace{10ms, 20ms, 1000});
  CHECK(p.overall(t0 + 1020ms).duty_pct() == 50);
  CHECK(p.overall(t0 + 1020ms).rate_bytes_per_s() == 50'000);
}

TEST_CASE("the recent pace is that of the last whole cycles") {
  punctual_writer w{with_pct(50, 2)};
  for (int i = 0; i < 10; ++i)
    w.write(10ms, 100);
  w.write(30ms, 100);
  w.write(30ms, 100);
  w.write(30ms, 100);
  CHECK(w.p.recent(w.now).busy == 60ms);
  CHECK(w.p.recent(w.now).bytes == 200);
  CHECK(w.p.recent(w.now).duty_pct() > 50);
  CHECK(w.p.recent(w.now).duty_pct() < 60);
}

// -- odd clocks and extreme profiles ------------------------------------------

TEST_CASE("a clock that goes back does no harm") {
  pacer p{with_rate(1000, 50), t0};
  p.on_ready(t0 - 1s);
  p.on_handed_over(t0, 1);
  p.on_written(t0 - 1s, 1);
  CHECK(p.overall(t0).busy == 0ns);
  REQUIRE(p.next_start());
  p.on_handed_over(t0, 1);
  p.on_written(t0 + 10ms, 1);
  CHECK(p.next_start() > t0 + 10ms);
  CHECK(p.overall(t0 - 1h).elapsed == 0ns);
}

TEST_CASE("no pause follows a chunk of no time, however slow the profile") {
  punctual_writer w{with_pct(std::numeric_limits<double>::denorm_min())};
  CHECK(w.write(0ns) == 0ns);
  CHECK(w.write(0ns) == 0ns);
}

TEST_CASE("the slowest profiles pause for years, and the clock copes") {
  auto tiny = std::numeric_limits<double>::denorm_min();
  auto how = GENERATE_COPY(with_pct(tiny), with_rate(1), with_pct(1e-9),
                           with_rate(1, tiny));
  punctual_writer w{how};
  for (int i = 0; i < 3; ++i) {
    w.p.on_handed_over(w.now, std::numeric_limits<uint64_t>::max() / 4);
    w.now += 1h;
    w.p.on_written(w.now, std::numeric_limits<uint64_t>::max() / 4);
    CHECK(w.pause() > 24h * 365 * 10);
  }
  w.p.set_profile(with_rate(std::numeric_limits<uint64_t>::max()), w.now);
  CHECK(w.pause() <= 1ns);
}
