// What a queue does, without a queue: one operation after the other.
#pragma once

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"
#include "spindle/message/oplist.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace spindle::sim {

/// A disk that fails at chosen calls. Two of them with the same faults behave
/// alike as long as the same calls are made.
struct fragile_disk {
  explicit fragile_disk(const std::vector<std::pair<size_t, int>>& faults);

  std::shared_ptr<fs::memory_vfs> memory;
  std::shared_ptr<fs::faulty_vfs> faulty;
};

/// Executes an operation or a list in the plainest way.
std::vector<answer>
execute_plainly(fs::vfs& disk, const std::variant<operation, oplist>& what);

/// Returns the answers as text, with the names of temporary files made equal.
std::string canonical(const std::vector<answer>& answers);

/// Returns a tree as text, with the names of temporary files made equal.
std::string canonical(const std::string& tree);

} // namespace spindle::sim
