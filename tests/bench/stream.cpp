#include "stream.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace bench {

spindle::write_data stream_of(uint64_t bytes, uint64_t chunk) {
  auto memory = spindle::buffer::allocate(chunk);
  std::memset(memory.get(), 'x', chunk);
  spindle::buffer block{std::move(memory), chunk};
  std::vector<spindle::buffer> blocks(bytes / chunk, block);
  if (bytes % chunk > 0)
    blocks.push_back(block.slice(0, bytes % chunk));
  return blocks;
}

void finish(host& where, const spindle::writer_actor& writer) {
  cafx::scoped_actor self{where.system()};
  self->mail(spindle::finish_writing{}).send(writer);
}

spindle::writer_status await(host& where, const spindle::writer_actor& writer) {
  cafx::scoped_actor self{where.system()};
  // A writer that has ended does not answer, but the queue knows how it ended.
  self->mail(spindle::await_writer{}).request(writer, cafx::infinite).receive();
  auto last = self->mail(spindle::recall_writer{writer})
                .request(where.queue().supervisor(), cafx::infinite)
                .receive();
  if (!last)
    throw std::runtime_error{"the queue does not know a writer"};
  if (last->error)
    throw std::runtime_error{to_string(*last->error)};
  return *last;
}

std::vector<spindle::writer_status>
await_all(host& where, const std::vector<spindle::writer_actor>& writers) {
  std::vector<spindle::writer_status> res;
  for (const auto& writer : writers)
    res.push_back(await(where, writer));
  return res;
}

void cancel_all(host& where,
                const std::vector<spindle::writer_actor>& writers) {
  cafx::scoped_actor self{where.system()};
  for (const auto& writer : writers)
    self->mail(spindle::cancel_writing{}).send(writer);
  // Each writer answers with an error, or has ended and does not answer.
  for (const auto& writer : writers)
    self->mail(spindle::await_writer{})
      .request(writer, cafx::infinite)
      .receive();
}

} // namespace bench
