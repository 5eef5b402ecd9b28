// How far a writer is, for people.
#pragma once

#include "text/progress_text.hpp"

#include "spindle/message/writing.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace spindle::tool {

/// Returns how far a writer is.
/// @param total how much it is to write, if that is known.
progress_figures figures_of(const writer_status& now,
                            std::optional<uint64_t> total);

/// Returns what a writer has done.
std::string summary_text(const writer_status& last);

} // namespace spindle::tool
