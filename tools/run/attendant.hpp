// Looks after a background write, from its beginning to its end.
#pragma once

#include "spindle/queue.hpp"

#include <functional>
#include <optional>
#include <string>

namespace spindle::tool {

/// A file that is read for a writer.
struct writer_source {
  std::string path;
  /// What it must not be, because it is written.
  std::string target;
  /// Bytes that are read at once.
  uint64_t page_size = 0;
  /// The writer after which it is read, if any.
  writer_actor after{};
  chain_policy policy = chain_policy::abort;
};

/// Calls `on_end` when `writer` has ended, in a thread of CAF: it must not
/// block. Until then gives the writer, which is open-ended then, what is in
/// `source`: page by page, as the queue reads it and the writer takes it.
void attend(const queue& q, const writer_actor& writer,
            std::optional<writer_source> source,
            std::function<void(const writer_status&)> on_end);

} // namespace spindle::tool
