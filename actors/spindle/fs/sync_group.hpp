// Group commit: the syncs of several operations start together, and those of
// the same file are one.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/device_calls.hpp"
#include "spindle/fs/engine.hpp"

#include <cstddef>
#include <vector>

namespace spindle::fs {

/// Collects syncs, to start them together. Not thread-safe.
class SPINDLE_EXPORT sync_group {
public:
  /// Adds a sync, which must live until it is done.
  void add(sync_call& what) {
    calls_.push_back(&what);
  }

  /// Starts all syncs. Of those of the same file, only that of the file which
  /// was opened first is started: the kernel tells it of all errors of which it
  /// would tell the others.
  /// @returns how many were started; `device_call::next` leads to the others.
  size_t start(engine& with);

private:
  std::vector<sync_call*> calls_;
};

} // namespace spindle::fs
