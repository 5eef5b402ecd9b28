// The pending requests and writers of one client of a node, within limits.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/node_limits.hpp"
#include "spindle/ops/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace spindle {

/// Counts the pending requests and the writers of one client. Not thread-safe.
class SPINDLE_EXPORT client_account {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Admits a request, unless it is beyond a limit.
  /// @param ops the number of its operations.
  /// @param bytes that its operations carry.
  /// @param unread bytes of answers that the client has not read.
  /// @returns why it is refused, if it is.
  std::optional<failure> admit(const node_limits& limits, size_t ops,
                               uint64_t bytes, uint64_t unread, time_point now);

  /// A request that was admitted is done.
  void release(size_t ops, uint64_t bytes);

  /// Admits a writer, unless it is beyond a limit.
  /// @param bytes that it was given to write.
  std::optional<failure> admit_writer(const node_limits& limits, uint64_t bytes,
                                      uint64_t unread, time_point now);

  /// A writer that was admitted has ended.
  void release_writer(uint64_t bytes);

  /// Returns whether nothing is pending, and the last request was more than a
  /// minute ago.
  bool idle(time_point now) const;

private:
  std::optional<failure> admit_request(const node_limits& limits,
                                       time_point now);

  std::optional<failure> admit_bytes(const node_limits& limits, uint64_t bytes,
                                     uint64_t unread);

  size_t ops_ = 0;
  uint64_t bytes_ = 0;
  size_t writers_ = 0;
  /// How many requests are allowed at once, as of `updated_`.
  std::optional<double> allowance_;
  time_point updated_;
};

} // namespace spindle
