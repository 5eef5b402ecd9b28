// What the demo prints.
#pragma once

#include "check.hpp"
#include "experiment.hpp"
#include "steps.hpp"

namespace demo {

/// Prints what is to be copied.
void print(const original& tree);

/// Prints the head of the table.
void print_head();

/// Prints a row of the table.
void print(const row& what);

/// Prints what the queue counted.
void print(const spindle::queue_status& totals);

/// Prints what plain system calls saw.
void print(const findings& what);

/// Prints the table of profiles.
/// @param bytes how much each profile wrote in a round.
/// @param alone what was computed while nobody wrote.
void print(const std::vector<balance>& all, const balance& alone,
           uint64_t bytes);

} // namespace demo
