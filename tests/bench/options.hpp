// What the user of the benchmark chose.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace bench {

/// How CAF schedules actors.
struct scheduling {
  /// "stealing" or "sharing".
  std::string policy = "stealing";
  /// Threads, as many as processors; CAF chooses if 0, and takes at least four.
  size_t workers = std::thread::hardware_concurrency();
};

/// What to measure, and how often.
struct options {
  /// How often each contestant is measured.
  size_t rounds = 9;
  /// Files on tmpfs that each contestant works on in a round.
  size_t count = 1000;
  /// Files on the disk. Fewer may do where making them takes milliseconds each,
  /// as it can on ext4 without a journal.
  size_t disk_count = 1000;
  /// Samples of the latency that each contestant takes in a round.
  size_t samples = 60;
  /// Operations that are pending while memory is measured.
  size_t pending = 1'000'000;
  /// Writers that are idle while memory is measured.
  size_t idle_writers = 10'000;
  /// Bytes that a writer writes, or a crowd of them.
  uint64_t stream_bytes = uint64_t{1} << 30;
  /// How often the duty of each profile, and a crowd, is measured.
  size_t duty_rounds = 3;
  /// How often each neighbour is measured, how often a client asks beside it,
  /// and how large the file is that the neighbour works on.
  size_t fairness_rounds = 3;
  size_t fairness_samples = 500;
  uint64_t fairness_bytes = uint64_t{2} << 30;
  /// A directory on the disk; one on tmpfs.
  std::string disk = BENCH_BUILD_DIR;
  std::string tmpfs = "/dev/shm";
  /// Where the rows go.
  std::string csv = "bench-results.csv";
  /// Sections whose name contains one of these are measured; all if empty.
  std::vector<std::string> only;
  /// Contestants whose name contains one of these take part in throughput and
  /// latency, beside those that others are compared with; all if empty.
  std::vector<std::string> who;
  /// How CAF schedules, but for latency, which tries several policies.
  scheduling scheduler;
  /// `settings::detach_all`.
  bool detach = false;
  /// `settings::ops_per_turn`; as it is anyway if 0.
  size_t ops_per_turn = 0;
  /// Compare values of `settings::ops_per_turn` instead of other programs.
  bool sweep = false;

  /// Returns whether a section is to be measured.
  bool wants(const std::string& section) const {
    return matches(only, section);
  }

  /// Returns whether a contestant takes part.
  bool admits(const std::string& name) const {
    return matches(who, name);
  }

private:
  static bool matches(const std::vector<std::string>& parts,
                      const std::string& name) {
    return parts.empty()
        || std::any_of(parts.begin(), parts.end(), [&](const auto& part) {
             return name.find(part) != std::string::npos;
           });
  }
};

} // namespace bench
