// The duty cycle, in virtual time.
#include "catch.hpp"
#include "pacing_log.hpp"

#include <cmath>
#include <random>

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

// -- the duty cycle -----------------------------------------------------------

TEST_CASE("at fixed speed the duty is met from the first chunk on") {
  for (const auto& how : many_profiles()) {
    CAPTURE(how.name, how.bandwidth_pct, how.rate_smoothing);
    paced_disk disk{fixed_time};
    auto& w = disk.add(how, 1000);
    disk.run();
    log_book log{w};
    CHECK(worst_since(log, 0, how.bandwidth_pct) < 0.001);
    CHECK(worst_since(log, 500, how.bandwidth_pct) < 0.001);
    // The pacer measures what the log does.
    auto end = w.chunks.back().end;
    CHECK(w.pace.overall(end).busy == log.total_busy());
    CHECK(w.pace.overall(end).elapsed == end - w.chunks[0].start);
    CHECK(is_near(w.pace.recent(end).duty_pct(), how.bandwidth_pct));
  }
}

TEST_CASE("writers that share a disk of fixed speed meet their duty") {
  auto seed = GENERATE(1u, 2u);
  CAPTURE(seed);
  for (const auto& how : built_in_profiles())
    for (auto count : writer_counts) {
      CAPTURE(how.name, count);
      paced_disk disk{fixed_time};
      std::mt19937_64 engine{seed};
      for (size_t i = 0; i < count; ++i)
        // Start all at once, or at random times within a second.
        disk.add(how, 601,
                 time_point{}
                   + seed / 2 * nanoseconds{engine() % 1'000'000'000});
      disk.run();
      auto worst = 0.0;
      for (const auto& w : disk.writers())
        worst = std::max(
          worst, std::abs(log_book{w}.duty_pct(0, 600) - how.bandwidth_pct));
      CHECK(worst < 0.1);
    }
}

TEST_CASE("at random speed the duty is met in any hundred chunks") {
  auto seed = GENERATE(11u, 12u);
  auto kind
    = GENERATE(from_range(std::begin(all_noises), std::end(all_noises)));
  CAPTURE(seed, static_cast<int>(kind));
  for (const auto& how : many_profiles()) {
    CAPTURE(how.name, how.bandwidth_pct, how.rate_smoothing);
    paced_disk disk{noisy_time{kind, seed}};
    auto& w = disk.add(how, 2001);
    disk.run();
    log_book log{w};
    size_t seen = 0;
    CHECK(worst_of_any(log, 100, how.bandwidth_pct, seen) < 0.55);
    CHECK(seen > 100);
    CHECK(std::abs(log.duty_pct(0, 100) - how.bandwidth_pct) < 0.55);
    CHECK(std::abs(log.duty_pct(0, 2000) - how.bandwidth_pct) < 0.05);
  }
}

TEST_CASE("writers that share a disk of random speed meet their duty") {
  auto seed = GENERATE(21u, 22u);
  CAPTURE(seed);
  size_t seen = 0, writers = 0;
  for (const auto& how : built_in_profiles())
    for (auto count : writer_counts) {
      CAPTURE(how.name, count);
      paced_disk disk{noisy_time{noise::logarithmic, seed}};
      for (size_t i = 0; i < count; ++i)
        disk.add(how, 601);
      disk.run();
      auto worst = 0.0, worst_of_hundred = 0.0;
      for (const auto& w : disk.writers()) {
        log_book log{w};
        worst
          = std::max(worst, std::abs(log.duty_pct(0, 600) - how.bandwidth_pct));
        worst_of_hundred = std::max(
          worst_of_hundred, worst_of_any(log, 100, how.bandwidth_pct, seen));
      }
      CHECK(worst < 0.2);
      CHECK(worst_of_hundred < 1);
      writers += count;
    }
  CHECK(seen > 200 * writers);
}

TEST_CASE("smoothing makes pauses even") {
  auto spread = [](uint32_t smoothing) {
    paced_disk disk{noisy_time{noise::logarithmic, 31}};
    profile how{.bandwidth_pct = 50, .rate_smoothing = smoothing};
    auto& w = disk.add(how, 1001);
    disk.run();
    log_book log{w};
    auto sum = 0.0, squares = 0.0;
    for (size_t i = 100; i < 1000; ++i) {
      sum += seconds(log.pause(i));
      squares += std::pow(seconds(log.pause(i)), 2);
    }
    return std::sqrt(squares / 900 - std::pow(sum / 900, 2)) / (sum / 900);
  };
  CAPTURE(spread(1), spread(5), spread(50));
  CHECK(spread(5) < 0.75 * spread(1));
}

// -- late wake-ups ------------------------------------------------------------

TEST_CASE("late wake-ups do not change the duty") {
  auto seed = GENERATE(41u, 42u);
  CAPTURE(seed);
  for (const auto& how : many_profiles()) {
    CAPTURE(how.name, how.bandwidth_pct, how.rate_smoothing);
    paced_disk disk{noisy_time{noise::logarithmic, seed}};
    disk.overshoot = late_timers(seed);
    auto& w = disk.add(how, 10'001);
    disk.run();
    log_book log{w};
    // Only the last delay and what is put off of a pause can be missing.
    auto bound = [&](size_t first, size_t last) {
      auto f = 100 / how.bandwidth_pct - 1;
      auto even = 2.1 * seconds(fixed_time(how.chunk_size)) * f;
      auto elapsed = seconds(log.elapsed(first, last));
      return how.bandwidth_pct * (even + 0.005) / (elapsed - even - 0.005);
    };
    CHECK(std::abs(log.duty_pct(0, 10'000) - how.bandwidth_pct)
          < std::min(0.1, bound(0, 10'000)));
    auto worst = 0.0;
    for (size_t i = 0; i + 100 <= log.cycles(); ++i)
      worst
        = std::max(worst, std::abs(log.duty_pct(i, i + 100) - how.bandwidth_pct)
                            / bound(i, i + 100));
    CHECK(worst < 1);
  }
}

TEST_CASE("writers that share a disk meet their duty with late wake-ups") {
  for (const auto& how : built_in_profiles()) {
    CAPTURE(how.name);
    paced_disk disk{fixed_time};
    disk.overshoot = late_timers(43);
    for (size_t i = 0; i < 16; ++i)
      disk.add(how, 2001);
    disk.run();
    auto worst = 0.0;
    for (const auto& w : disk.writers())
      worst = std::max(
        worst, std::abs(log_book{w}.duty_pct(0, 2000) - how.bandwidth_pct));
    CHECK(worst < 0.1);
  }
}

// -- stalls -------------------------------------------------------------------

TEST_CASE("a disk that stalls is not followed by a burst") {
  for (const auto& how : built_in_profiles()) {
    CAPTURE(how.name);
    size_t calls = 0;
    paced_disk disk{
      [&](uint64_t bytes) { return ++calls == 300 ? 10s : fixed_time(bytes); }};
    auto& w = disk.add(how, 1000);
    disk.run();
    log_book log{w};
    auto normal = fixed_time(how.chunk_size);
    auto pause = normal * (100 / how.bandwidth_pct - 1) - 2ns;
    size_t too_short = 0;
    for (size_t i = 0; i < log.cycles(); ++i)
      too_short += log.pause(i) < pause;
    CHECK((too_short == 0 || how.bandwidth_pct == 100));
    // Ten cycles later, the pauses have made up for the stall.
    CHECK(worst_since(log, 310, how.bandwidth_pct) < 0.001);
    CHECK(is_near(log.duty_pct(0, 310), how.bandwidth_pct));
  }
}

TEST_CASE("a wake-up that stalls is not followed by a burst") {
  for (const auto& how : built_in_profiles()) {
    if (how.bandwidth_pct == 100)
      continue;
    CAPTURE(how.name);
    size_t calls = 0;
    paced_disk disk{fixed_time};
    disk.overshoot = [&] { return ++calls == 300 ? 10s : 0s; };
    auto& w = disk.add(how, 1000);
    disk.run();
    log_book log{w};
    CHECK(log.pause(299) > 10s);
    CHECK(worst_since(log, 300, how.bandwidth_pct) < 0.001);
  }
}

TEST_CASE("idle time and pauses by the user are not followed by a burst") {
  auto seed = GENERATE(51u, 52u, 53u, 54u);
  CAPTURE(seed);
  for (const auto& how : built_in_profiles()) {
    CAPTURE(how.name);
    std::mt19937_64 engine{seed};
    auto any_time = [&](nanoseconds most) {
      return nanoseconds{
        static_cast<int64_t>(engine() % static_cast<uint64_t>(most.count()))};
    };
    paced_disk disk{fixed_time};
    auto& w = disk.add(how, 1);
    for (auto t = disk.now(); t < time_point{} + 20s; t += any_time(200ms)) {
      if (engine() % 2 == 0) {
        disk.at(t, [&, n = engine() % 5] { disk.append(w, n); });
      } else {
        disk.at(t, [&] { disk.pause(w); });
        t += any_time(300ms);
        disk.at(t, [&] { disk.resume(w); });
      }
    }
    disk.run();
    log_book log{w};
    auto most = -100.0;
    for (size_t i = 0; i < log.cycles(); ++i)
      for (auto j = i + 1; j <= log.cycles(); ++j)
        most = std::max(most, log.duty_pct(i, j));
    CHECK(most < how.bandwidth_pct + 0.001);
    // The duty is met if idle time is excluded.
    auto measured = w.pace.overall(w.pace.next_start().value());
    CHECK(is_near(measured.duty_pct(), how.bandwidth_pct));
  }
}

// -- relative -----------------------------------------------------------------

TEST_CASE("relative makes the duty 1 / (2 - percentage)") {
  for (auto how : many_profiles()) {
    CAPTURE(how.name, how.bandwidth_pct, how.rate_smoothing);
    how.pacing = pacing::relative;
    auto duty_pct = 100 / (2 - how.bandwidth_pct / 100);
    paced_disk fixed{fixed_time};
    auto& w = fixed.add(how, 1000);
    fixed.run();
    CHECK(worst_since(log_book{w}, 0, duty_pct) < 0.001);
    paced_disk noisy{noisy_time{noise::uniform, 61}};
    noisy.overshoot = late_timers(61);
    auto& v = noisy.add(how, 20'001);
    noisy.run();
    CHECK(std::abs(log_book{v}.duty_pct(0, 20'000) - duty_pct) < 0.1);
  }
}
