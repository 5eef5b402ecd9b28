// Large streams, and waiting for the writers that write them.
#pragma once

#include "host.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// Returns `bytes` bytes in blocks of a chunk each. All blocks share the memory
/// of one chunk.
spindle::write_data stream_of(uint64_t bytes, uint64_t chunk);

/// Tells an open-ended writer that no more data comes.
void finish(host& where, const spindle::writer_actor& writer);

/// Waits until a writer has ended, and returns its last status.
/// @throws std::runtime_error if the writer has failed.
spindle::writer_status await(host& where, const spindle::writer_actor& writer);

/// Waits until all writers have ended, and returns their last statuses.
/// @throws std::runtime_error if a writer has failed.
std::vector<spindle::writer_status>
await_all(host& where, const std::vector<spindle::writer_actor>& writers);

/// Cancels writers and waits until they have ended.
void cancel_all(host& where, const std::vector<spindle::writer_actor>& writers);

} // namespace bench
