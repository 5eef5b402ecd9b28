// What background writing costs whoever computes meanwhile: the experiment of
// the software that profiles come from.
#pragma once

#include "spindle/queue.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace demo {

/// What came of one round.
struct sample {
  uint64_t bytes = 0;
  double seconds = 0;
  uint64_t computations = 0;
  /// Mean of the writers.
  double duty_pct = 0;
};

/// What came of one profile. Rounds that the machine spoilt, because it was
/// busy with something else, do not show in medians.
struct balance {
  spindle::profile profile{};
  std::vector<sample> rounds{};

  double seconds() const;

  uint64_t computations() const;

  double duty_pct() const;

  double bytes_per_s() const;

  /// Returns the interactivity score.
  double computations_per_s() const;
};

/// Writes two files at once, each by a chain of writers, and computes.
class experiment {
public:
  static constexpr size_t files = 2;
  static constexpr size_t writers_per_file = 4;

  /// @param directory where to put the files; absolute.
  experiment(spindle::queue disk, std::string directory);

  /// Computes for a while, and writes nothing.
  static sample just_compute();

  /// Finds out how much to write, so that a round takes less than a second.
  /// @returns the bytes that are written in a round.
  uint64_t choose_size();

  /// Lets a round write that much, in all, or a little less.
  void set_size(uint64_t bytes);

  /// Writes at the pace of a profile, and checks each byte of the files.
  sample run(const spindle::profile& how);

  /// Returns what went wrong, one line each.
  const std::vector<std::string>& problems() const {
    return problems_;
  }

private:
  /// Starts the writers of one file, each chained to the one before.
  void start_chain(const std::string& path, const std::string& profile,
                   std::vector<spindle::writer_actor>& writers) const;

  /// Waits for the end of a writer.
  spindle::writer_status await(const spindle::writer_actor& writer);

  /// Compares a file with what was to be written.
  void check(const std::string& path);

  /// Returns what the `i`th writer of a chain writes: no two write the same.
  spindle::buffer data_of(size_t i) const;

  spindle::queue disk_;
  std::string directory_;
  uint64_t bytes_per_writer_ = 0;
  /// All that is written are parts of this.
  spindle::buffer bytes_;
  std::vector<std::string> problems_;
};

} // namespace demo
