// Shows on stderr how far a writer is.
#pragma once

#include "text/byte_progress.hpp"

#include "spindle/message/writing.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace spindle::tool {

/// Has the progress of a writer shown.
/// @param total how much is to be written, if that is known.
void show_progress(caf::actor_system& sys, const writer_actor& writer,
                   std::shared_ptr<byte_progress> where,
                   std::optional<uint64_t> total);

} // namespace spindle::tool
