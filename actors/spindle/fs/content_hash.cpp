#include "spindle/fs/content_hash.hpp"

#include <new>

#include <xxhash.h>

namespace spindle::fs {

void content_hash::release::operator()(XXH3_state_s* state) const noexcept {
  XXH3_freeState(state);
}

content_hash::content_hash() : state_(XXH3_createState()) {
  if (!state_)
    throw std::bad_alloc{};
  XXH3_128bits_reset(state_.get());
}

void content_hash::add(std::span<const std::byte> bytes) {
  XXH3_128bits_update(state_.get(), bytes.data(), bytes.size());
}

std::string content_hash::digits() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
  std::string res;
  for (auto byte : canonical.digest) {
    res += "0123456789abcdef"[byte >> 4];
    res += "0123456789abcdef"[byte & 0xf];
  }
  return res;
}

} // namespace spindle::fs
