// The options of the benchmark.
#pragma once

#include "depth/depth_options.hpp"
#include "selection.hpp"

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
  /// How often each contestant is measured, in most sections.
  size_t rounds = 9;
  /// Files on tmpfs that each contestant works on in a round.
  size_t count = 1000;
  /// The same on the disk. Choose fewer where it takes milliseconds to make a
  /// file, as it can on ext4 without a journal.
  size_t disk_count = 1000;
  /// Operations in each round whose latency is measured.
  size_t samples = 60;
  /// Operations that are pending while memory is measured.
  size_t pending = 1'000'000;
  /// Writers that are idle while memory is measured.
  size_t idle_writers = 10'000;
  /// Bytes that one writer writes, or a thousand writers together.
  uint64_t stream_bytes = uint64_t{1} << 30;
  /// How often the duty of each profile is measured, a thousand writers, and
  /// the end of many writers.
  size_t duty_rounds = 3;
  /// How often each neighbour, and each group of floods, is measured.
  size_t fairness_rounds = 3;
  /// How often a client asks beside a neighbour in each round. A p99 of 200
  /// samples is the third greatest, and all rounds last some minutes.
  size_t fairness_samples = 200;
  /// Size of the file that a neighbour copies. Reads, writes and puts have a
  /// quarter of it.
  uint64_t fairness_bytes = uint64_t{2} << 30;
  /// How many seconds of each group of floods are counted in each round.
  size_t shares_seconds = 3;
  /// Bytes that each operation of these floods reads. With few bytes, the
  /// actors would take longer than the disk, and no operation would wait in a
  /// lane.
  uint64_t shares_bytes = uint64_t{64} << 10;
  /// A directory on the disk; one on tmpfs.
  std::string disk = BENCH_BUILD_DIR;
  std::string tmpfs = "/dev/shm";
  /// Where the rows go.
  std::string csv = "bench-results.csv";
  /// Sections are measured whose name contains one of these; all if empty.
  std::vector<std::string> only;
  /// Contestants of throughput and latency, and neighbours of fairness, are
  /// measured whose name contains one of these; all if empty. Those that others
  /// are compared with always are.
  std::vector<std::string> who;
  /// How CAF schedules. The section latency tries these policies instead.
  scheduling scheduler;
  std::vector<std::string> latency_policies{"stealing", "sharing"};
  /// `settings::detach_all`.
  bool detach = false;
  /// `settings::ops_per_turn`; its default if 0.
  size_t ops_per_turn = 0;
  /// Whether to compare values of `settings::ops_per_turn` instead of programs.
  bool sweep = false;
  /// What only the section depth measures.
  depth_options depth;

  /// Returns whether a section is to be measured.
  bool wants(const std::string& section) const {
    return matches(only, section);
  }

  /// Returns whether a contestant takes part.
  bool admits(const std::string& name) const {
    return matches(who, name);
  }
};

} // namespace bench
