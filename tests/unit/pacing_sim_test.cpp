#include "catch.hpp"
#include "paced_disk.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>

using namespace spindle;
using namespace std::literals;

using std::chrono::nanoseconds;
using time_point = pacer::time_point;

namespace {

// -- disks --------------------------------------------------------------------

constexpr double disk_bytes_per_s = 500e6;

nanoseconds fixed_time(uint64_t bytes) {
  return nanoseconds{
    std::llround(static_cast<double>(bytes) * 1e9 / disk_bytes_per_s)};
}

/// How the times of chunks vary, by 0.5 to 2 times the mean.
enum class noise { uniform, logarithmic, two_speeds, long_waves };

constexpr noise all_noises[]
  = {noise::uniform, noise::logarithmic, noise::two_speeds, noise::long_waves};

/// A disk of random speed.
class noisy_time {
public:
  noisy_time(noise kind, uint64_t seed) : kind_(kind), engine_(seed) {}

  nanoseconds operator()(uint64_t bytes) {
    auto ns = static_cast<double>(fixed_time(bytes).count()) * next();
    return nanoseconds{std::llround(ns)};
  }

private:
  double next() {
    auto x = std::uniform_real_distribution{}(engine_);
    switch (kind_) {
      case noise::uniform: // Of mean 1.25.
        return 0.625 + 1.25 * x;
      case noise::logarithmic: // Of mean 1.12.
        return 0.58 * std::pow(3.3, x);
      case noise::two_speeds:
        return x < 1. / 3 ? 1.9 : 0.55;
      case noise::long_waves: // Worst where a window ends in the slow part.
        return count_++ % 30 < 10 ? 1.99 : 0.505;
    }
    return 1;
  }

  noise kind_;
  std::mt19937_64 engine_;
  size_t count_ = 0;
};

/// Wake-ups that are up to 5 ms late.
auto late_timers(uint64_t seed) {
  return [engine = std::mt19937_64{seed}]() mutable {
    return nanoseconds{
      std::uniform_int_distribution<int64_t>{0, 5'000'000}(engine)};
  };
}

// -- what is measured ---------------------------------------------------------

double seconds(nanoseconds x) {
  return static_cast<double>(x.count()) / 1e9;
}

/// Measures a writer from outside, by what happened to its chunks.
class log_book {
public:
  explicit log_book(const paced_disk::writer& w) : chunks_(w.chunks) {
    REQUIRE(w.written == chunks_.size());
    busy_.push_back(0ns);
    for (size_t i = 0; i < chunks_.size(); ++i)
      busy_.push_back(busy_.back() + busy(i));
  }

  size_t cycles() const {
    return chunks_.empty() ? 0 : chunks_.size() - 1;
  }

  nanoseconds busy(size_t i) const {
    auto start = i > 0 ? std::max(chunks_[i].start, chunks_[i - 1].end)
                       : chunks_[i].start;
    return chunks_[i].end - start;
  }

  nanoseconds pause(size_t i) const {
    return chunks_[i + 1].start - chunks_[i].end;
  }

  nanoseconds elapsed(size_t first, size_t last) const {
    return chunks_[last].start - chunks_[first].start;
  }

  /// Returns the duty of the cycles from `first` up to `last`, in percent.
  double duty_pct(size_t first, size_t last) const {
    auto busy = busy_[last] - busy_[first];
    // Pipelined chunks are handed over before those ahead are written.
    if (last > 0 && chunks_[last].start < chunks_[last - 1].end)
      busy -= chunks_[last - 1].end - chunks_[last].start;
    if (first > 0 && chunks_[first].start < chunks_[first - 1].end)
      busy += chunks_[first - 1].end - chunks_[first].start;
    return 100 * seconds(busy) / seconds(elapsed(first, last));
  }

  nanoseconds total_busy() const {
    return busy_.back();
  }

  nanoseconds mean_busy(size_t first, size_t last) const {
    return (busy_[last] - busy_[first]) / static_cast<int64_t>(last - first);
  }

  /// Returns whether no chunk takes less than half or more than twice the mean.
  bool steady(size_t first, size_t last) const {
    auto mean = mean_busy(first, last);
    for (auto i = first; i < last; ++i)
      if (busy(i) * 2 < mean || busy(i) > mean * 2)
        return false;
    return true;
  }

  /// Returns the largest and least number of bytes in any time so long, in
  /// percent of what the rate allows.
  template <class Instant>
  std::pair<double, double> rate_pct(nanoseconds window, uint64_t bytes_per_s,
                                     Instant instant) const {
    auto allowed = seconds(window) * static_cast<double>(bytes_per_s);
    auto most = 0.0, least = std::numeric_limits<double>::max();
    uint64_t bytes = 0;
    size_t end = 0;
    for (const auto& first : chunks_) {
      auto until = instant(first) + window;
      if (until > instant(chunks_.back()))
        break;
      for (; end < chunks_.size() && instant(chunks_[end]) < until; ++end)
        bytes += chunks_[end].bytes;
      // The fullest window begins with a chunk, the emptiest just after it.
      most = std::max(most, static_cast<double>(bytes));
      bytes -= first.bytes;
      auto after = bytes;
      for (auto i = end; i < chunks_.size() && instant(chunks_[i]) == until;
           ++i)
        after += chunks_[i].bytes;
      least = std::min(least, static_cast<double>(after));
    }
    REQUIRE(most > 0);
    return {100 * most / allowed, 100 * least / allowed};
  }

private:
  const std::vector<paced_disk::chunk>& chunks_;
  std::vector<nanoseconds> busy_;
};

time_point start_of(const paced_disk::chunk& x) {
  return x.start;
}

time_point end_of(const paced_disk::chunk& x) {
  return x.end;
}

/// Returns whether two percentages differ by less than a hundredth of a point.
bool is_near(double x_pct, double y_pct) {
  return std::abs(x_pct - y_pct) < 0.01;
}

/// Returns by how many points the duty is missed at worst in any so many
/// cycles, of those where the times of chunks vary by at most 0.5 to 2 times.
/// @param seen counts these.
double worst_of_any(const log_book& log, size_t length, double pct,
                    size_t& seen) {
  auto res = 0.0;
  for (size_t i = 0; i + length <= log.cycles(); ++i)
    if (log.steady(i, i + length)) {
      ++seen;
      res = std::max(res, std::abs(log.duty_pct(i, i + length) - pct));
    }
  return res;
}

/// Returns by how many points the duty is missed at worst in all cycles from
/// `first` up to any later one.
double worst_since(const log_book& log, size_t first, double pct) {
  auto res = 0.0;
  for (auto i = first + 1; i <= log.cycles(); ++i)
    if (log.elapsed(first, i) > 0ns)
      res = std::max(res, std::abs(log.duty_pct(first, i) - pct));
  return res;
}

/// Returns the built-in profiles and some that are out of the ordinary.
std::vector<profile> many_profiles() {
  auto res = built_in_profiles();
  for (auto pct : {0.5, 5.0, 50.0, 99.0, 99.9})
    for (auto smoothing : {1u, 5u, 50u, 1000u})
      res.push_back(
        {.name = "other", .bandwidth_pct = pct, .rate_smoothing = smoothing});
  return res;
}

#ifdef __SANITIZE_ADDRESS__
// What sanitizers look for does not depend on numbers.
constexpr size_t writer_counts[] = {1, 16};
#else
constexpr size_t writer_counts[] = {1, 2, 3, 8, 16, 32, 64};
#endif

} // namespace

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
    // What the pacer measured is what was seen from outside.
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
        // All at once, or anyhow.
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
  size_t seen = 0;
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
    }
  CHECK(seen > 100'000);
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
    // Only what the last one was late, and what is owed, can be missing.
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
    // Ten cycles later the stall is paid for, and all is as before.
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
    // Without the idle time, the duty is met.
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

// -- the rate -----------------------------------------------------------------

namespace {

/// Checks that all but the first second of slack keeps to the rate.
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

TEST_CASE("a rate holds with chunks of more than a second's worth") {
  profile how{.chunk_size = 5'000'000, .max_rate = 1'000'000};
  paced_disk disk{noisy_time{noise::uniform, 72}};
  auto& w = disk.add(how, 20);
  w.cuts = false;
  disk.run();
  for (size_t i = 0; i < 20; ++i)
    CHECK(w.chunks[i].start == time_point{} + 5s * i);
}

TEST_CASE("a rate is not caught up with after a stall") {
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
        // One pause of a chunk, of twice the mean, may be owed.
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
    // Nobody waits for what the old rate allowed.
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
