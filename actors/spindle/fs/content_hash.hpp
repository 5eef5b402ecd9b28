// The hash of `file_checksum`, for bytes from any source.
#pragma once

#include "spindle/export.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

// Forward declaration, so that this header does not include xxHash.
struct XXH3_state_s;

namespace spindle::fs {

/// Computes the 128-bit XXH3 hash of bytes that are added piece by piece.
class SPINDLE_EXPORT content_hash {
public:
  content_hash();

  /// Adds the next bytes.
  void add(std::span<const std::byte> bytes);

  /// Returns the hash of all bytes so far, as 32 hexadecimal digits.
  std::string digits() const;

private:
  struct release {
    void operator()(XXH3_state_s* state) const noexcept;
  };

  std::unique_ptr<XXH3_state_s, release> state_;
};

} // namespace spindle::fs
