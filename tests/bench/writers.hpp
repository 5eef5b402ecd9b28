// The measurements of background writers.
#pragma once

#include "host.hpp"
#include "options.hpp"
#include "place.hpp"
#include "table.hpp"

#include <vector>

namespace bench {

/// Compares a writer of the fastest profile with a loop of system calls.
std::vector<row> measure_rate(const options& opts, host& where,
                              const place& at);

/// Measures the duty of all profiles that pause, alone and beside busy loops.
std::vector<row> measure_duty(const options& opts, host& where,
                              const place& at);

/// Has a thousand writers begin at once, and measures how far apart they end.
std::vector<row> measure_crowd(const options& opts, host& where,
                               const place& at);

/// Measures how long an operation takes beside ten writers of 20 %.
std::vector<row> measure_beside_writers(const options& opts, host& where,
                                        const place& at);

/// Measures how long many writers take to end that end at the same time.
std::vector<row> measure_ends(const options& opts);

} // namespace bench
