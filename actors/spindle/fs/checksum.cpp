// The checksum of a file, or of a part of it, computed block by block.
#include "spindle/fs/content_hash.hpp"
#include "spindle/fs/perform.hpp"
#include "spindle/fs/transfer.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>

namespace spindle::fs {

task<attempt<std::string>> perform(const context& env,
                                   const file_checksum& op) {
  auto until = std::chrono::steady_clock::now() + env.bounds.quantum;
  auto source = env.disk.open(env.disk.start(), op.path, {});
  if (!source)
    co_return failed(source.error(), op.path);
  auto reader = block_reader{**source, op.offset, until};
  auto rest = op.length.value_or(std::numeric_limits<uint64_t>::max());
  content_hash hash;
  while (rest > 0 && !reader.ended()) {
    // After a rest, the coroutine may run in another thread, which has another
    // block.
    auto block = scratch_block();
    auto size
      = reader.fill(block.first(std::min<uint64_t>(block.size(), rest)));
    if (!size && size.error() == EAGAIN)
      co_return cut_off(op.path, reader.bytes());
    if (!size)
      co_return failed(size.error(), op.path);
    hash.add(block.first(*size));
    env.progress.add_bytes(*size);
    rest -= *size;
    if (auto rested = co_await env.rests.rest(); !rested)
      co_return failed(rested.error(), op.path);
  }
  co_return hash.digits();
}

} // namespace spindle::fs
