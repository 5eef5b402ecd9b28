// Random operations, lists, settings and faults that follow from a seed.
#pragma once

#include "spindle/message/oplist.hpp"
#include "spindle/message/settings.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace spindle::sim {

/// Makes choices. The same seed leads to the same choices, on any machine.
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

  /// Where paths begin from now on; empty for all at the same place.
  void begin_paths_at(std::string directory) {
    top_ = std::move(directory);
  }

  /// One of few paths, so that operations meet.
  std::string path();

  spindle::operation operation();

  /// A list with up to `depth` levels; some entries report to `who`.
  oplist list(size_t depth, const callback& who);

  /// @param resting whether operations rest wherever they can.
  spindle::settings settings(bool resting);

  /// Calls that fail: which, and with what errno.
  std::vector<std::pair<size_t, int>> faults();

private:
  std::mt19937_64 random_;
  std::string top_;
};

} // namespace spindle::sim
