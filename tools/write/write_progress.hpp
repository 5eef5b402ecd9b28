// The progress of a writer, shown on stderr.
#pragma once

#include "text/byte_progress.hpp"

#include "spindle/message/writing.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace spindle::tool {

/// Shows the progress of a writer until it ends, in a thread of its own.
/// @param total bytes to write, if known.
void show_progress(caf::actor_system& sys, const writer_actor& writer,
                   std::shared_ptr<byte_progress> where,
                   std::optional<uint64_t> total);

} // namespace spindle::tool
