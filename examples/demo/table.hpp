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

/// Prints the head of the table of profiles, and its first row.
/// @param bytes how much each profile writes.
/// @param alone what is computed while nobody writes.
void print_head(uint64_t bytes, const balance& alone);

/// Prints a row of the table of profiles.
/// @param first the row that bars of throughput are compared with.
/// @param alone what bars of interactivity are compared with.
void print(const balance& what, const balance& first, const balance& alone);

} // namespace demo
