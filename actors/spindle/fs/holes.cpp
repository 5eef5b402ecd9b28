#include "spindle/fs/holes.hpp"

#include <algorithm>
#include <cstring>

namespace spindle::fs {

namespace {

bool is_zero(std::span<const std::byte> block) {
  return block[0] == std::byte{0}
      && std::memcmp(block.data(), block.data() + 1, block.size() - 1) == 0;
}

} // namespace

byte_run first_run(std::span<const std::byte> bytes, uint64_t offset) {
  byte_run res;
  while (res.size < bytes.size()) {
    auto size = std::min<uint64_t>(
      hole_block - (offset + res.size) % hole_block, bytes.size() - res.size);
    auto hole = is_zero(bytes.subspan(res.size, size));
    if (res.size > 0 && hole != res.is_hole)
      break;
    res.is_hole = hole;
    res.size += size;
  }
  return res;
}

} // namespace spindle::fs
