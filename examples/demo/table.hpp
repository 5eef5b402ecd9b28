// The output of the demo.
#pragma once

#include "check.hpp"
#include "experiment.hpp"
#include "steps.hpp"

namespace demo {

/// Prints the size of the original.
void print(const original& tree);

/// Prints the head of the table.
void print_head();

/// Prints a row of the table.
void print(const row& what);

/// Prints the totals of the queue.
void print(const spindle::queue_status& totals);

/// Prints the result of the check.
void print(const findings& what);

/// Prints the table of profiles.
/// @param bytes bytes that each profile wrote in a round.
/// @param alone the computations without writers.
void print(const std::vector<balance>& all, const balance& alone,
           uint64_t bytes);

} // namespace demo
