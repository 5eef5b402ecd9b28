// The checksum of a file, computed block by block.
#include "spindle/fs/perform.hpp"
#include "spindle/fs/transfer.hpp"

#include <cerrno>
#include <chrono>
#include <memory>
#include <new>

#include <xxhash.h>

namespace spindle::fs {

namespace {

class hash_128 {
public:
  hash_128() : state_(XXH3_createState(), &XXH3_freeState) {
    if (!state_)
      throw std::bad_alloc{};
    XXH3_128bits_reset(state_.get());
  }

  void add(std::span<const std::byte> block) {
    XXH3_128bits_update(state_.get(), block.data(), block.size());
  }

  std::string digits() const {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_.get()));
    std::string res;
    for (auto byte : canonical.digest) {
      res += "0123456789abcdef"[byte >> 4];
      res += "0123456789abcdef"[byte & 0xf];
    }
    return res;
  }

private:
  std::unique_ptr<XXH3_state_t, decltype(&XXH3_freeState)> state_;
};

} // namespace

attempt<std::string> perform(const context& env, const file_checksum& op) {
  auto until = std::chrono::steady_clock::now() + env.bounds.quantum;
  auto source = env.disk.open(env.disk.start(), op.path, {});
  if (!source)
    return failed(source.error(), op.path);
  auto reader = block_reader{**source, 0, until};
  auto block = scratch_block();
  hash_128 hash;
  while (!reader.ended()) {
    auto size = reader.fill(block);
    if (!size)
      return failed(size.error(), op.path);
    hash.add(block.first(*size));
  }
  if (reader.timed_out())
    return failed(EAGAIN, op.path);
  return hash.digits();
}

} // namespace spindle::fs
