// Shared by the simulations of paced writers: disks of fixed or random speed,
// and measurements.
#pragma once

#include "catch.hpp"
#include "paced_disk.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <utility>
#include <vector>

namespace spindle::test {

using std::chrono::nanoseconds;
using time_point = pacer::time_point;

// -- disks --------------------------------------------------------------------

inline constexpr double disk_bytes_per_s = 500e6;

inline nanoseconds fixed_time(uint64_t bytes) {
  return nanoseconds{
    std::llround(static_cast<double>(bytes) * 1e9 / disk_bytes_per_s)};
}

/// How write times vary: from 0.5 to 2 times the mean.
enum class noise { uniform, logarithmic, two_speeds, long_waves };

inline constexpr noise all_noises[]
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
      case noise::uniform: // The mean is 1.25.
        return 0.625 + 1.25 * x;
      case noise::logarithmic: // The mean is 1.12.
        return 0.58 * std::pow(3.3, x);
      case noise::two_speeds:
        return x < 1. / 3 ? 1.9 : 0.55;
      case noise::long_waves: // Worst if a window ends in the slow part.
        return count_++ % 30 < 10 ? 1.99 : 0.505;
    }
    return 1;
  }

  noise kind_;
  std::mt19937_64 engine_;
  size_t count_ = 0;
};

/// Wake-ups that are up to 5 ms late.
inline auto late_timers(uint64_t seed) {
  return [engine = std::mt19937_64{seed}]() mutable {
    return nanoseconds{
      std::uniform_int_distribution<int64_t>{0, 5'000'000}(engine)};
  };
}

// -- measurements -------------------------------------------------------------

inline double seconds(nanoseconds x) {
  return static_cast<double>(x.count()) / 1e9;
}

/// Measures a writer by the times of its chunks, independently of its pacer.
class log_book {
public:
  explicit log_book(const paced_disk::writer& w) : chunks_(w.chunks) {
    REQUIRE(w.written == chunks_.size());
    busy_.push_back(nanoseconds{0});
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
    // With two in flight, a chunk is handed over before the previous one ends.
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

  /// Returns whether each chunk takes from half to twice the mean time.
  bool steady(size_t first, size_t last) const {
    auto mean = mean_busy(first, last);
    for (auto i = first; i < last; ++i)
      if (busy(i) * 2 < mean || busy(i) > mean * 2)
        return false;
    return true;
  }

  /// Returns the largest and smallest number of bytes in any period of this
  /// length, in percent of what the rate allows.
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
      // The maximum is in a window that begins with a chunk, the minimum in one
      // that begins just after it.
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

inline time_point start_of(const paced_disk::chunk& x) {
  return x.start;
}

inline time_point end_of(const paced_disk::chunk& x) {
  return x.end;
}

/// Returns whether two percentages differ by less than 0.01 points.
inline bool is_near(double x_pct, double y_pct) {
  return std::abs(x_pct - y_pct) < 0.01;
}

/// Returns the largest deviation of the duty, in points, over any `length`
/// cycles in which write times stay within 0.5 to 2 times the mean.
/// @param seen is increased by the number of such windows.
inline double worst_of_any(const log_book& log, size_t length, double pct,
                           size_t& seen) {
  auto res = 0.0;
  for (size_t i = 0; i + length <= log.cycles(); ++i)
    if (log.steady(i, i + length)) {
      ++seen;
      res = std::max(res, std::abs(log.duty_pct(i, i + length) - pct));
    }
  return res;
}

/// Returns the largest deviation of the duty, in points, over the cycles from
/// `first` to any later one.
inline double worst_since(const log_book& log, size_t first, double pct) {
  auto res = 0.0;
  for (auto i = first + 1; i <= log.cycles(); ++i)
    if (log.elapsed(first, i) > nanoseconds{0})
      res = std::max(res, std::abs(log.duty_pct(first, i) - pct));
  return res;
}

/// Returns the built-in profiles and some with extreme values.
inline std::vector<profile> many_profiles() {
  auto res = built_in_profiles();
  for (auto pct : {0.5, 5.0, 50.0, 99.0, 99.9})
    for (auto smoothing : {1u, 5u, 50u, 1000u})
      res.push_back(
        {.name = "other", .bandwidth_pct = pct, .rate_smoothing = smoothing});
  return res;
}

#ifdef __SANITIZE_ADDRESS__
// Fewer cases under sanitizers: they are slow, and their findings do not depend
// on the number of writers.
inline constexpr size_t writer_counts[] = {1, 16};
#else
inline constexpr size_t writer_counts[] = {1, 2, 3, 8, 16, 32, 64};
#endif

} // namespace spindle::test
