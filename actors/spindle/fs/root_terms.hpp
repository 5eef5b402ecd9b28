// What is asked of the root of a confined file system.
#pragma once

#include "spindle/fs/error.hpp"

#include <functional>
#include <optional>

namespace spindle::fs {

/// Is told once when the path of a root leads elsewhere, with the reason, and
/// once when all is well again, with no reason. Called by the thread that
/// notices.
using root_observer = std::function<void(const std::optional<failure>& why)>;

/// What is asked of a root.
struct root_terms {
  /// Whether it must be where a file system is mounted, one with a device of
  /// its own.
  bool must_be_mount = false;
  root_observer observer{};
};

} // namespace spindle::fs
