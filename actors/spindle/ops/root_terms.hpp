// Settings for a file system that is confined to a directory, its root.
#pragma once

#include "spindle/ops/error.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace spindle {

/// Whether files may be changed.
enum class access_mode : uint8_t { read_only, read_write };

/// Called once with the reason when the path of a root leads to another
/// directory, and once without a reason when it leads to the open directory
/// again. Runs in the thread that notices the change.
using root_observer = std::function<void(const std::optional<failure>& why)>;

/// Requirements on a root directory.
struct root_terms {
  /// Whether the root must be a mount point of a file system with its own
  /// device.
  bool must_be_mount = false;
  root_observer observer{};
};

} // namespace spindle
