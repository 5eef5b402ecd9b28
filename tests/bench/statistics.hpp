// Interleaved rounds, and statistics of their samples.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace bench {

/// Measurements of one contestant, in the order of the rounds.
using samples = std::vector<double>;

/// Calls `measure(index)` for each contestant in each round. The order rotates
/// from round to round, so that other work of the machine delays all
/// contestants alike.
template <class Measure>
void interleave(size_t rounds, size_t contestants, Measure measure) {
  for (size_t round = 0; round < rounds; ++round)
    for (size_t k = 0; k < contestants; ++k)
      measure((round + k) % contestants);
}

/// Returns how many seconds `fun` takes.
template <class Fun>
double seconds(Fun fun) {
  auto start = std::chrono::steady_clock::now();
  fun();
  return std::chrono::duration<double>{std::chrono::steady_clock::now() - start}
    .count();
}

/// Returns the smallest sample that is not less than this share of them, which
/// must not be empty.
inline double quantile(samples xs, double share) {
  auto index
    = static_cast<size_t>(std::ceil(share * static_cast<double>(xs.size())));
  auto nth
    = xs.begin() + static_cast<ptrdiff_t>(std::max<size_t>(index, 1) - 1);
  std::nth_element(xs.begin(), nth, xs.end());
  return *nth;
}

inline double median(samples xs) {
  return quantile(std::move(xs), 0.5);
}

/// Returns the median of `x / y` over the rounds.
inline double median_ratio(const samples& xs, const samples& ys) {
  samples ratios;
  std::transform(xs.begin(), xs.end(), ys.begin(), std::back_inserter(ratios),
                 [](double x, double y) { return x / y; });
  return median(std::move(ratios));
}

} // namespace bench
