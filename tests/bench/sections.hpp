// The sections of the table.
#pragma once

#include "options.hpp"
#include "table.hpp"

#include <vector>

namespace bench {

/// Measures operations per second of all actions, on tmpfs and on the disk.
/// Prints its rows as soon as they are known, and returns them.
std::vector<row> measure_throughput(const options& opts);

/// Measures how long one operation takes on an idle queue.
std::vector<row> measure_latency(const options& opts);

/// Measures background writers: throughput, duty, fairness, and how long
/// operations wait beside them.
std::vector<row> measure_writers(const options& opts);

/// Compares requests to a node with bare messages between two CAF systems.
std::vector<row> measure_nodes(const options& opts);

/// Measures how long one client waits for a short operation while others ask
/// for long ones, or for many.
std::vector<row> measure_fairness(const options& opts);

/// Measures how long it takes to cancel long operations.
std::vector<row> measure_cancels(const options& opts);

/// Measures how evenly a queue divides the disk between floods of operations.
std::vector<row> measure_shares(const options& opts);

/// Measures how much of the device a queue uses: cold reads, durable writes,
/// trees, and what others wait beside writers.
std::vector<row> measure_depth(const options& opts);

/// Measures the memory that pending operations, and idle writers, take. Must be
/// called before the process has threads.
std::vector<row> measure_memory(const options& opts);

} // namespace bench
