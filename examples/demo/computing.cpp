#include "computing.hpp"

#include <algorithm>

namespace demo {

namespace {

constexpr unsigned highest = 2000;

/// Returns how many prime numbers there are up to `highest`. Takes some tens of
/// microseconds.
unsigned count_primes() {
  unsigned res = 0;
  for (unsigned x = 2; x <= highest; ++x) {
    unsigned divisor = 2;
    while (divisor * divisor <= x && x % divisor != 0)
      ++divisor;
    res += divisor * divisor > x;
  }
  return res;
}

} // namespace

computing::computing() {
  auto work = [this] {
    while (!stopped_)
      // Uses the result, so that the compiler cannot optimize the call away.
      done_ += count_primes() > 0;
  };
  auto cores = std::max(std::thread::hardware_concurrency(), 1U);
  for (unsigned i = 0; i < cores; ++i)
    threads_.emplace_back(work);
}

computing::~computing() {
  stop();
}

uint64_t computing::stop() {
  stopped_ = true;
  for (auto& one : threads_)
    if (one.joinable())
      one.join();
  return done_;
}

} // namespace demo
