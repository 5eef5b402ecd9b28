// The progress and the result of a writer as text.
#pragma once

#include "text/progress_text.hpp"

#include "spindle/message/writing.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace spindle::tool {

/// Returns the progress of a writer.
/// @param total bytes to write, if known.
progress_figures figures_of(const writer_status& now,
                            std::optional<uint64_t> total);

/// Returns a summary of what a writer has written.
std::string summary_text(const writer_status& last);

} // namespace spindle::tool
