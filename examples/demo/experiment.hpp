// Measures how much background writers slow down a computation. nonblock, from
// which the profiles come, has the same experiment.
#pragma once

#include "spindle/queue.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace demo {

/// Result of one round.
struct sample {
  uint64_t bytes = 0;
  double seconds = 0;
  uint64_t computations = 0;
  /// Mean of the writers.
  double duty_pct = 0;
};

/// Results of one profile. Rates are medians, so that single rounds that other
/// load on the machine disturbed have no effect.
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

  /// Computes for half a second, and writes nothing.
  static sample just_compute();

  /// Measures the disk and chooses a size, so that a round takes less than a
  /// second.
  /// @returns the bytes that are written in a round.
  uint64_t choose_size();

  /// Sets the total size of a round; rounded down to a multiple of the number
  /// of writers.
  void set_size(uint64_t bytes);

  /// Writes with a profile, and checks each byte of the files.
  sample run(const spindle::profile& how);

  /// Returns what went wrong, one line each.
  const std::vector<std::string>& problems() const {
    return problems_;
  }

private:
  /// Starts the writers of one file, each chained to the previous one.
  void start_chain(const std::string& path, const std::string& profile,
                   std::vector<spindle::writer_actor>& writers) const;

  /// Waits for the end of a writer.
  spindle::writer_status await(const spindle::writer_actor& writer);

  /// Compares a file with the data of its writers.
  void check(const std::string& path);

  /// Returns the data of the `i`th writer of a chain; differs for each writer.
  spindle::buffer data_of(size_t i) const;

  spindle::queue disk_;
  std::string directory_;
  uint64_t bytes_per_writer_ = 0;
  /// The data of each writer is a slice of this.
  spindle::buffer bytes_;
  std::vector<std::string> problems_;
};

} // namespace demo
