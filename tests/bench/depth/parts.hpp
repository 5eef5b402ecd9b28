// The parts of the section depth. Each measures what the options ask for,
// prints its rows, and returns them.
#pragma once

#include "options.hpp"
#include "table.hpp"

#include <vector>

namespace bench::depth {

/// Compares how fast files are read that are not in the page cache.
std::vector<row> measure_cold_reads(const options& opts);

/// Compares how fast writes are that are on the device when they are answered:
/// on the disk, and on file systems with a journal.
std::vector<row> measure_durable_writes(const options& opts);

/// Compares copies and removals of a tree with `cp -r` and `rm -r`.
std::vector<row> measure_trees(const options& opts);

/// Measures what operations wait beside ten writers, and compares one writer
/// with a loop of system calls.
std::vector<row> measure_writers(const options& opts);

/// Compares the latency of an idle queue with that of libuv.
std::vector<row> measure_idle_latency(const options& opts);

} // namespace bench::depth
