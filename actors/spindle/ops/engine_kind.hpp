// Who makes the calls that may wait for the device.
#pragma once

#include "spindle/export.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace spindle {

/// How the calls that may wait for the device are made.
enum class engine_kind : uint8_t {
  /// One after the other, in the thread that starts them.
  plain,
  /// In threads.
  threads,
  /// With io_uring(7).
  ring,
};

/// Number of values of `engine_kind`, the first of them 0.
inline constexpr size_t engine_kind_count = 3;

/// Returns the name of the value, for instance "ring".
SPINDLE_EXPORT std::string to_string(engine_kind);

} // namespace spindle
