// What is asked of a file system that is confined to a directory, its root.
#pragma once

#include "spindle/ops/error.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace spindle {

/// What may be done to files.
enum class access_mode : uint8_t { read_only, read_write };

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

} // namespace spindle
