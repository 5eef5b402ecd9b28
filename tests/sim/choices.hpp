// Random operations, lists, settings and faults, determined by a seed.
#pragma once

#include "spindle/message/oplist.hpp"
#include "spindle/message/settings.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace spindle::sim {

/// Makes random choices. The same seed gives the same choices on any machine.
class choices {
public:
  explicit choices(uint64_t seed) : random_(seed) {}

  /// Returns a number less than `n`.
  size_t any(size_t n) {
    return static_cast<size_t>(random_() % n);
  }

  bool chance(unsigned percent) {
    return any(100) < percent;
  }

  /// Sets the directory of all further paths; empty if all clients share one.
  void begin_paths_at(std::string directory) {
    top_ = std::move(directory);
  }

  /// Returns one of few paths, so that operations often conflict.
  std::string path();

  spindle::operation operation();

  /// Returns a list with up to `depth` levels; some entries report to `who`.
  oplist list(size_t depth, const callback& who);

  /// @param resting whether operations rest at every possible point.
  spindle::settings settings(bool resting);

  /// Returns the calls that fail: their numbers and errno values.
  std::vector<std::pair<size_t, int>> faults();

private:
  std::mt19937_64 random_;
  std::string top_;
};

} // namespace spindle::sim
