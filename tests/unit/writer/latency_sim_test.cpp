// Writers with a latency goal, and others that need the disk, in virtual time.
#include "catch.hpp"
#include "pacing_log.hpp"

#include "spindle/queue/share_controller.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <tuple>
#include <utility>
#include <vector>

using namespace spindle;
using namespace spindle::test;
using namespace std::literals;

namespace {

constexpr auto operation_time = 50us;

/// Writers of one profile, and others that have operations from `others_begin`
/// to `others_end`, at random times.
struct busy_disk {
  static constexpr auto others_begin = time_point{} + 5s;
  static constexpr auto others_end = time_point{} + 45s;
  static constexpr auto end = time_point{} + 65s;

  busy_disk(const profile& how, size_t writers, double per_second,
            uint64_t seed)
      : disk(noisy_time{noise::uniform, seed}),
        engine(seed),
        pause_s(per_second) {
    disk.share = [this, goal = *how.latency_goal] {
      return shares.share(goal, disk.now());
    };
    for (size_t i = 0; i < writers; ++i)
      disk.add(how, 1'000'000, time_point{} + 1ms * i);
    disk.at(others_begin, [this] { operate(); });
  }

  busy_disk(const busy_disk&) = delete;

  void operate() {
    auto waits = disk.execute(operation_time);
    disk.at(disk.now() + waits, [this, waits] {
      shares.on_start(disk.now(), waits);
      waited.emplace_back(disk.now(), waits);
    });
    auto next = disk.now() + nanoseconds{std::llround(1e9 * pause_s(engine))};
    if (next < others_end)
      disk.at(next, [this] { operate(); });
  }

  /// Returns the 99th percentile of the waiting times from `first` to `last`.
  nanoseconds percentile_99(time_point first, time_point last) const {
    std::vector<nanoseconds> all;
    for (auto [when, waits] : waited)
      if (when >= first && when < last)
        all.push_back(waits);
    REQUIRE(all.size() > 1000);
    auto nth = all.begin() + static_cast<ptrdiff_t>(all.size() * 99 / 100);
    std::nth_element(all.begin(), nth, all.end());
    return *nth;
  }

  /// Returns the least and the largest duty of a writer in that time, in
  /// percent.
  std::pair<double, double> duty_pct(time_point first, time_point last) const {
    std::pair<double, double> res{100, 0};
    for (const auto& w : disk.writers()) {
      nanoseconds busy{};
      for (const auto& x : w.chunks)
        if (x.start >= first && x.start < last)
          busy += x.end - x.start;
      auto pct = 100 * seconds(busy) / seconds(last - first);
      res = {std::min(res.first, pct), std::max(res.second, pct)};
    }
    return res;
  }

  paced_disk disk;
  share_controller shares;
  /// When operations started, and how long they had waited.
  std::vector<std::pair<time_point, nanoseconds>> waited;
  std::mt19937_64 engine;
  std::exponential_distribution<double> pause_s;
};

struct situation {
  size_t writers;
  double pct;
  nanoseconds goal;
  uint64_t chunk;
  /// Operations per second.
  double others;
};

profile profile_of(const situation& x) {
  return {.name = "gentle",
          .chunk_size = x.chunk,
          .bandwidth_pct = x.pct,
          .latency_goal = x.goal};
}

/// Without the goal, others wait for about twice as long as it says.
const situation situations[] = {{8, 30, 3ms, 500'000, 1000},
                                {8, 45, 4ms, 700'000, 1000},
                                {4, 65, 10ms, 2'000'000, 500},
                                {8, 35, 5ms, 1'000'000, 1000}};

} // namespace

TEST_CASE("writers with a latency goal give way to others, and come back") {
  auto seed = GENERATE(1u, 2u);
  for (const auto& x : situations) {
    CAPTURE(seed, x.writers, x.pct);
    busy_disk all{profile_of(x), x.writers, x.others, seed};
    all.disk.run(busy_disk::end);
    auto from = [](nanoseconds t) { return time_point{} + t; };
    // Alone, they have what their profile says.
    auto [least, most] = all.duty_pct(from(0s), from(5s));
    CHECK(least > x.pct - 1.5);
    CHECK(most < x.pct + 1.5);
    // The goal is met, and all have about the same.
    CHECK(all.percentile_99(from(15s), from(45s)) < x.goal * 113 / 100);
    std::tie(least, most) = all.duty_pct(from(15s), from(45s));
    CHECK(least > 1);
    CHECK(most < 0.5 * x.pct);
    CHECK(most < 1.1 * least);
    // Nobody else has work.
    std::tie(least, most) = all.duty_pct(from(58s), from(65s));
    CHECK(least > x.pct - 1.5);
    CHECK(most < x.pct + 1.5);
  }
}

TEST_CASE("without a share, the same writers have others wait too long") {
  for (const auto& x : situations) {
    CAPTURE(x.writers, x.pct);
    busy_disk all{profile_of(x), x.writers, x.others, 1};
    all.disk.share = [] { return 1.0; };
    all.disk.run(time_point{} + 15s);
    CHECK(all.percentile_99(time_point{} + 6s, time_point{} + 15s)
          > x.goal * 3 / 2);
  }
}
