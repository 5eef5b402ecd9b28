// How long operations waited for the disk in a short time.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace spindle {

/// Counts waiting times in buckets, and finds their 99th percentile. The times
/// in a bucket differ by at most an eighth, or by 1 µs. Allocates nothing. Not
/// thread-safe.
class wait_window {
public:
  using duration = std::chrono::nanoseconds;

  /// Number of buckets. The last one has all times from 16 s on.
  static constexpr size_t buckets = 176;

  /// Returns the bucket of a waiting time. A longer time has the same bucket or
  /// a later one.
  static constexpr size_t bucket_of(duration wait) {
    constexpr uint64_t most_units = (uint64_t{1} << 24) - 1;
    auto ns = std::max<duration::rep>(wait.count(), 0);
    // A unit is about 1 µs.
    auto units = std::min(static_cast<uint64_t>(ns) >> 10, most_units);
    // The four leading bits remain: a one, and three that count eighths.
    auto width = static_cast<size_t>(std::bit_width(units));
    auto dropped = std::max<size_t>(width, 4) - 4;
    return 8 * dropped + (units >> dropped);
  }

  /// Counts an operation that waited.
  void add(duration wait) {
    ++counts_[bucket_of(wait)];
    ++total_;
  }

  /// Returns the first bucket after which there is at most one operation in a
  /// hundred; nothing if no operation was counted.
  std::optional<size_t> percentile_99() const {
    if (total_ == 0)
      return std::nullopt;
    auto allowed = total_ / 100;
    uint64_t after = 0;
    auto res = buckets - 1;
    for (; res > 0; --res) {
      after += counts_[res];
      if (after > allowed)
        break;
    }
    return res;
  }

  /// Forgets all operations.
  void clear() {
    counts_.fill(0);
    total_ = 0;
  }

private:
  std::array<uint32_t, buckets> counts_{};
  uint64_t total_ = 0;
};

} // namespace spindle
