// Rates, and changes of profiles, in virtual time.
#include "catch.hpp"
#include "pacing_log.hpp"

#include <cmath>
#include <random>

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

// -- the rate -----------------------------------------------------------------

namespace {

/// Checks the rate in all windows of 1 s and of 10 s.
void check_rate(const log_book& log, uint64_t rate) {
  for (auto instant : {start_of, end_of}) {
    auto [most, least] = log.rate_pct(1s, rate, instant);
    CHECK(most < 105);
    CHECK(least > 95);
    auto [most_of_ten, least_of_ten] = log.rate_pct(10s, rate, instant);
    CHECK(most_of_ten <= 100.1);
    CHECK(least_of_ten >= 99.9);
  }
}

} // namespace

TEST_CASE("a rate holds in any second and in any ten") {
  auto late = GENERATE(false, true);
  auto noisy = GENERATE(false, true);
  CAPTURE(late, noisy);
  for (auto how : built_in_profiles())
    for (uint64_t rate : {100'000, 20'000'000, 33'333'333}) {
      CAPTURE(how.name, rate);
      how.max_rate = rate;
      paced_disk disk{fixed_time};
      if (noisy)
        disk = paced_disk{noisy_time{noise::logarithmic, 71}};
      if (late)
        disk.overshoot = late_timers(71);
      auto& w
        = disk.add(how, 30 * rate / pacer{how, {}}.chunk_size(how.chunk_size));
      disk.run();
      check_rate(log_book{w}, rate);
    }
}

TEST_CASE("each of many writers keeps to its rate") {
  for (auto how : built_in_profiles())
    for (auto count : writer_counts) {
      CAPTURE(how.name, count);
      how.max_rate = 400'000;
      paced_disk disk{fixed_time};
      for (size_t i = 0; i < count; ++i)
        disk.add(how, 2300);
      disk.run();
      for (const auto& w : disk.writers())
        check_rate(log_book{w}, *how.max_rate);
    }
}

TEST_CASE("a rate holds with chunks of 5 s each at that rate") {
  profile how{.chunk_size = 5'000'000, .max_rate = 1'000'000};
  paced_disk disk{noisy_time{noise::uniform, 72}};
  auto& w = disk.add(how, 20);
  w.cuts = false;
  disk.run();
  for (size_t i = 0; i < 20; ++i)
    CHECK(w.chunks[i].start == time_point{} + 5s * i);
}

TEST_CASE("a stall is not followed by more than the rate") {
  profile how{.max_rate = 20'000'000};
  size_t calls = 0;
  paced_disk disk{
    [&](uint64_t bytes) { return ++calls == 1000 ? 3s : fixed_time(bytes); }};
  auto& w = disk.add(how, 10'000);
  disk.run();
  log_book log{w};
  CHECK(log.rate_pct(1s, *how.max_rate, start_of).first < 101);
  CHECK(log.rate_pct(10s, *how.max_rate, start_of).first <= 100.1);
}

TEST_CASE("the stricter of percentage and rate holds") {
  for (auto how : built_in_profiles())
    for (auto share : {0.25, 0.9, 1.0, 1.1, 4.0}) {
      CAPTURE(how.name, share);
      auto by_duty = disk_bytes_per_s * how.bandwidth_pct / 100;
      how.max_rate = static_cast<uint64_t>(share * by_duty);
      paced_disk disk{noisy_time{noise::logarithmic, 81}};
      auto& w = disk.add(how, 5001);
      disk.run();
      log_book log{w};
      size_t seen = 0;
      CHECK(log.duty_pct(0, 5000) < how.bandwidth_pct + 0.1);
      CHECK(log.rate_pct(1s, *how.max_rate, start_of).first < 105);
      if (share > 2)
        CHECK(worst_of_any(log, 100, how.bandwidth_pct, seen) < 0.55);
      if (share < 0.5)
        CHECK(log.rate_pct(1s, *how.max_rate, start_of).second > 95);
    }
}

// -- a new profile ------------------------------------------------------------

namespace {

/// Changes the profile of a writer at a random time.
/// @returns the number of the first chunk of the new profile.
size_t change_at_random(paced_disk& disk, paced_disk::writer& w,
                        const profile& to, uint64_t seed) {
  std::mt19937_64 engine{seed};
  size_t first = 0;
  disk.at(time_point{} + 2s + nanoseconds{engine() % 1'000'000'000}, [&] {
    first = w.chunks.size();
    disk.set_profile(w, to);
  });
  disk.run();
  REQUIRE(first > 0);
  REQUIRE(first + 100 < w.chunks.size());
  return first;
}

} // namespace

TEST_CASE("a new percentage is met from the next chunk on") {
  auto seed = GENERATE(91u, 92u, 93u, 94u, 95u);
  CAPTURE(seed);
  for (const auto& from : built_in_profiles())
    for (const auto& to : built_in_profiles())
      if (from.name != to.name) {
        CAPTURE(from.name, to.name);
        paced_disk disk{noisy_time{noise::uniform, seed}};
        auto& w = disk.add(from, 8000);
        auto first = change_at_random(disk, w, to, seed);
        log_book log{w};
        // A pause of twice the mean may be put off.
        auto pct = to.bandwidth_pct;
        CHECK(std::abs(log.duty_pct(first, first + 100) - pct) < 0.55);
        if (pct < 100)
          CHECK(is_near(log.duty_pct(first, first + 1), pct));
      }
}

TEST_CASE("a new percentage is exact at once on a disk of fixed speed") {
  auto seed = GENERATE(101u, 102u, 103u);
  CAPTURE(seed);
  for (const auto& from : built_in_profiles())
    for (const auto& to : built_in_profiles())
      if (from.name != to.name) {
        CAPTURE(from.name, to.name);
        paced_disk disk{fixed_time};
        auto& w = disk.add(from, 8000);
        auto first = change_at_random(disk, w, to, seed);
        CHECK(worst_since(log_book{w}, first, to.bandwidth_pct) < 0.001);
      }
}

TEST_CASE("a new rate holds from the next chunk on") {
  auto seed = GENERATE(111u, 112u, 113u);
  auto to_rate
    = GENERATE(uint64_t{50'000}, uint64_t{1'000'000}, uint64_t{40'000'000});
  auto from_rate = GENERATE(uint64_t{0}, uint64_t{50'000}, uint64_t{2'000'000},
                            uint64_t{60'000'000});
  CAPTURE(seed, from_rate, to_rate);
  for (auto from : built_in_profiles()) {
    CAPTURE(from.name);
    if (from_rate > 0)
      from.max_rate = from_rate;
    auto to = from;
    to.max_rate = to_rate;
    if (from == to)
      continue;
    paced_disk disk{fixed_time};
    disk.overshoot = late_timers(seed);
    auto& w = disk.add(from, 6000);
    auto first = change_at_random(disk, w, to, seed);
    auto& chunks = w.chunks;
    auto begin = chunks[first].start;
    // The first chunk does not wait for the old rate.
    CHECK(begin - chunks[first - 1].end < 45ms);
    uint64_t bytes = 0;
    auto worst = 0.0;
    for (auto i = first; i < chunks.size() && chunks[i].start < begin + 10s;
         ++i) {
      bytes += chunks[i].bytes;
      auto allowed = seconds(chunks[i].start - begin + 10ms)
                   * static_cast<double>(to_rate);
      worst = std::max(worst, static_cast<double>(bytes) / allowed);
    }
    CHECK(worst <= 1);
    if (chunks.back().start > begin + 10s)
      CHECK(
        std::abs(
          static_cast<double>(bytes) / (10. * static_cast<double>(to_rate)) - 1)
        <= 0.001);
  }
}
