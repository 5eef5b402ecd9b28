// The reference model of a queue: it executes one operation after the other.
#pragma once

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"
#include "spindle/message/oplist.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace spindle::sim {

/// A disk that fails at chosen calls. Two disks with the same faults behave
/// alike as long as they get the same calls.
struct fragile_disk {
  explicit fragile_disk(const std::vector<std::pair<size_t, int>>& faults);

  std::shared_ptr<fs::memory_vfs> memory;
  std::shared_ptr<fs::faulty_vfs> faulty;
};

/// Executes an operation or a list directly.
std::vector<answer>
execute_plainly(fs::vfs& disk, const std::variant<operation, oplist>& what);

/// Returns the answers as text, with a fixed name for all temporary files.
std::string canonical(const std::vector<answer>& answers);

/// Returns a tree as text, with a fixed name for all temporary files.
std::string canonical(const std::string& tree);

} // namespace spindle::sim
