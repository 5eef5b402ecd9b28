// Bytes that pass between clients and the disk without being copied.
#pragma once

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace spindle {

/// Immutable, reference-counted bytes. Copies and slices share one block of
/// memory; any thread may hold one.
class buffer {
public:
  // -- constructors, destructors, and assignment operators --------------------

  buffer() = default;

  /// Shares ownership of `size` bytes at `bytes`.
  buffer(std::shared_ptr<const std::byte[]> bytes, size_t size)
      : bytes_(std::move(bytes)), begin_(bytes_.get()), size_(size) {}

  /// Copies `text`.
  explicit buffer(std::string_view text)
      : buffer(copy_of(std::as_bytes(std::span{text}))) {}

  /// Copies `bytes`.
  static buffer copy_of(std::span<const std::byte> bytes) {
    auto memory = allocate(bytes.size());
    if (!bytes.empty())
      std::memcpy(memory.get(), bytes.data(), bytes.size());
    return {std::move(memory), bytes.size()};
  }

  /// Allocates `size` uninitialised bytes, to be filled before they become a
  /// buffer.
  static std::shared_ptr<std::byte[]> allocate(size_t size) {
    return std::make_shared_for_overwrite<std::byte[]>(size);
  }

  // -- properties -------------------------------------------------------------

  /// Returns the bytes; they live as long as this buffer or any slice of it.
  std::span<const std::byte> bytes() const noexcept {
    return {begin_, size_};
  }

  /// Returns the bytes as characters.
  std::string_view text() const noexcept {
    return {reinterpret_cast<const char*>(begin_), size_};
  }

  /// Returns the number of bytes.
  size_t size() const noexcept {
    return size_;
  }

  /// Returns whether there are no bytes.
  bool empty() const noexcept {
    return size_ == 0;
  }

  /// Returns up to `count` bytes from `offset` on, in the same memory.
  buffer slice(size_t offset, size_t count) const {
    auto res = *this;
    offset = std::min(offset, size_);
    res.begin_ += offset;
    res.size_ = std::min(count, size_ - offset);
    return res;
  }

  /// Compares byte by byte.
  friend bool operator==(const buffer& x, const buffer& y) noexcept {
    return x.text() == y.text();
  }

private:
  std::shared_ptr<const std::byte[]> bytes_;
  const std::byte* begin_ = nullptr;
  size_t size_ = 0;
};

} // namespace spindle
