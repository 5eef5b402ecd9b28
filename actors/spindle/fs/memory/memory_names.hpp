// The changes of names in memory_vfs that are not durable yet.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "spindle/fs/memory/memory_node.hpp"

namespace spindle::fs::memory {

/// Assigns a node to a name in a directory; null removes the name.
struct name_change {
  node_ptr directory;
  std::string name;
  node_ptr target;
};

/// Changes that are atomic, also in a crash.
using name_operation = std::vector<name_change>;

/// Changes the name in `names`.
void apply(name_map& names, const name_change& what);

/// Remembers changes to names until they are durable.
class name_journal {
public:
  /// Adds the newest operation.
  void add(name_operation what);

  /// Makes the names in `directory` durable, with the operations that they
  /// depend on; memory_vfs documents the rules.
  void sync(const node& directory);

  /// Makes all names durable.
  void sync_all();

  /// Returns the names that a crash may leave in each directory with pending
  /// changes.
  std::unordered_map<const node*, name_map> after_crash(random& chance) const;

private:
  /// Returns whether the operation with this index is chosen.
  using predicate = std::function<bool(size_t)>;

  /// Returns which operations survive: those `wanted`, and earlier ones that
  /// they depend on.
  std::vector<bool> closure(const predicate& wanted) const;

  void make_durable(const predicate& wanted);

  std::vector<name_operation> operations_;
};

} // namespace spindle::fs::memory
