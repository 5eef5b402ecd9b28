// The options of the section depth.
#pragma once

#include "selection.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace CLI {

class App;

} // namespace CLI

namespace bench {

/// What the section depth measures, and how often.
struct depth_options {
  /// How often each contestant is measured.
  size_t rounds = 5;
  /// How often operations beside writers are measured.
  size_t writer_rounds = 11;
  /// Operations in each of these rounds.
  size_t samples = 200;
  /// Files of 4 KiB, and of 1 MiB, that are read in a round.
  size_t files = 1920;
  size_t large_files = 128;
  /// Durable writes in a round.
  size_t writes = 320;
  /// Files of the tree that is copied and deleted.
  size_t tree_files = 10'000;
  /// Whether root drops the page cache of the whole machine.
  bool drop_caches = true;
  /// Parts are measured whose name contains one of these; all if empty.
  std::vector<std::string> parts;

  /// Returns whether a part is to be measured.
  bool wants(const std::string& part) const {
    return matches(parts, part);
  }

  /// Lowers the numbers for `--quick`.
  void lower();
};

/// Adds them to a command line.
void add_depth_options(CLI::App& app, depth_options& opts);

} // namespace bench
