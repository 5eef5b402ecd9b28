// Memory for a content of unknown size.
#pragma once

#include "spindle/ops/buffer.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

namespace spindle::fs {

/// Memory that grows while a file is read into it.
class growing_memory {
public:
  explicit growing_memory(std::span<const std::byte> first) {
    append(first);
  }

  void reserve(uint64_t capacity) {
    auto larger = buffer::allocate(capacity);
    if (size_ > 0)
      std::memcpy(larger.get(), bytes_.get(), size_);
    bytes_ = std::move(larger);
    capacity_ = capacity;
  }

  /// Doubles the memory if there is no room.
  void append(std::span<const std::byte> more) {
    if (more.empty())
      return;
    if (capacity_ - size_ < more.size())
      reserve(std::max(2 * capacity_, size_ + more.size()));
    std::memcpy(bytes_.get() + size_, more.data(), more.size());
    size_ += more.size();
  }

  std::span<std::byte> room() {
    return {bytes_.get() + size_, capacity_ - size_};
  }

  void grow_by(size_t count) {
    size_ += count;
  }

  uint64_t size() const {
    return size_;
  }

  buffer take() && {
    return {std::move(bytes_), size_};
  }

private:
  std::shared_ptr<std::byte[]> bytes_;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

} // namespace spindle::fs
