// The operations with which `spindle put` brings a file to a node.
#pragma once

#include "spindle/queue.hpp"

#include <string>

namespace bench {

/// Whether a put waits until the device has the file. `spindle put` does.
enum class put_end { synced, unsynced };

/// Transfers a file of this machine through a connection, with the operations
/// of `spindle put`: it writes a part in chunks at offsets, several in flight,
/// compares checksums on the node, syncs the part and renames it.
/// @throws std::runtime_error if an operation fails.
void put(const spindle::queue& to, const std::string& source,
         const std::string& target, put_end end);

} // namespace bench
