// How far a writer is, for people.
#pragma once

#include "spindle/writing.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace spindle::tool {

/// Returns a number of bytes with three digits, for instance "1.25MiB".
std::string short_size(double bytes);

/// Returns a time as people say it: "3s", "2m05s", "1h02m".
std::string short_time(double seconds);

/// Returns how far a writer is: bytes, percent, rate, duty and time left.
/// @param total how much it is to write, if that is known.
std::string progress_text(const writer_status& now,
                          std::optional<uint64_t> total);

/// Returns the same with a bar, if the total is known.
std::string progress_bar(const writer_status& now,
                         std::optional<uint64_t> total);

/// Returns what a writer has done.
std::string summary_text(const writer_status& last);

} // namespace spindle::tool
