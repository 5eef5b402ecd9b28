// What the demo prints.
#pragma once

#include "check.hpp"
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

} // namespace demo
