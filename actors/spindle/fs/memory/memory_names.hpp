// The changes to names in memory_vfs that are not durable yet.
#pragma once

#include <functional>
#include <string>
#include <unordered_map>
#include <vector>

#include "spindle/fs/memory/memory_node.hpp"

namespace spindle::fs::memory {

/// What a name in a directory stands for from now on; null if for nothing.
struct name_change {
  node_ptr directory;
  std::string name;
  node_ptr target;
};

/// Changes that happen, and survive, as a whole.
using name_operation = std::vector<name_change>;

/// Changes the name in `names`.
void apply(name_map& names, const name_change& what);

/// Remembers changes to names until they are durable.
class name_journal {
public:
  /// Adds the newest operation.
  void add(name_operation what);

  /// Makes the names in `directory` durable, and what must be durable with
  /// them: see the contract of memory_vfs.
  void sync(const node& directory);

  /// Makes all names durable.
  void sync_all();

  /// Returns the names that a crash may leave in each directory whose durable
  /// ones are not the last word.
  std::unordered_map<const node*, name_map> after_crash(random& chance) const;

private:
  /// Says whether the operation of this index survives by itself.
  using predicate = std::function<bool(size_t)>;

  /// Returns which operations survive: those `wanted`, and those before that
  /// they depend on.
  std::vector<bool> closure(const predicate& wanted) const;

  void make_durable(const predicate& wanted);

  std::vector<name_operation> operations_;
};

} // namespace spindle::fs::memory
