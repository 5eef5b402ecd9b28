// What a queue has done so far.
#pragma once

#include "spindle/export.hpp"
#include "spindle/ops/operations.hpp"

#include <array>
#include <cstdint>

namespace spindle {

/// Counts results that were delivered, or are about to be.
struct totals {
  uint64_t jobs = 0;
  uint64_t ops = 0;
  /// Bytes that the operations carried.
  uint64_t bytes = 0;
  uint64_t bytes_written = 0;
  uint64_t bytes_read = 0;
  uint64_t callbacks_threw = 0;
  /// Indexed by kind of operation, steps of streams last; those not executed
  /// count as failed.
  std::array<uint64_t, operation_kinds + 1> succeeded{};
  std::array<uint64_t, operation_kinds + 1> failed{};

  SPINDLE_EXPORT totals& operator+=(const totals& x);
};

} // namespace spindle
