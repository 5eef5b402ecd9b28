// Big streams, and the writers that write them.
#pragma once

#include "host.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// Returns `bytes` bytes in blocks of a chunk each. They share memory, so that
/// a long stream costs none.
spindle::write_data stream_of(uint64_t bytes, uint64_t chunk);

/// Says that an open-ended writer has got all its data.
void finish(host& where, const spindle::writer_actor& writer);

/// Waits until a writer has ended.
/// @throws std::runtime_error if it did not end well.
spindle::writer_status await(host& where, const spindle::writer_actor& writer);

/// Waits until all writers have ended.
/// @throws std::runtime_error if one did not end well.
std::vector<spindle::writer_status>
await_all(host& where, const std::vector<spindle::writer_actor>& writers);

/// Ends writers early and waits until they are gone.
void cancel_all(host& where, const std::vector<spindle::writer_actor>& writers);

} // namespace bench
