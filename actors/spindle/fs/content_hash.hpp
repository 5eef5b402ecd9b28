// The hash that `file_checksum` answers with, for bytes from anywhere.
#pragma once

#include "spindle/export.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>

// A name of xxHash, whose header stays out of this one.
struct XXH3_state_s;

namespace spindle::fs {

/// Computes the XXH3 hash of 128 bits of bytes that come piece by piece.
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
