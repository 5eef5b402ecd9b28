// Looks after a background write, from its beginning to its end.
#pragma once

#include "run/run_submitter.hpp"

#include "spindle/queue.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace spindle::tool {

/// A file that is read for a writer.
struct writer_source {
  std::string path;
  /// What it must not be, because it is written.
  std::string target;
  /// A path in each volume where everything that is before the write in its
  /// lane must be done before the source is read. At least one.
  std::vector<std::string> lane_paths;
  /// Bytes that are read at once.
  uint64_t page_size = 0;
  /// The writer after which it is read, if any.
  writer_actor after{};
  chain_policy policy = chain_policy::abort;
};

/// Messages that an attendant understands.
struct attendant_trait {
  using signatures = cafx::type_list<
    // How far the writer is.
    caf::result<void>(writer_status),
    // All that is before the write in its lane is done in one of the volumes.
    caf::result<void>(caf::tick_atom),
    // Why the source cannot be read.
    caf::result<void>(failure)>;
};

using attendant_actor = cafx::typed_actor<attendant_trait>;

/// Calls `on_end` when `writer` has ended, in a thread of CAF: it must not
/// block. Until then gives the writer, which is open-ended then, what is in
/// `source`: page by page, as the queue reads it and the writer takes it.
/// Begins when it was told that the lane is done in the volumes of all
/// `lane_paths`.
attendant_actor attend(const queue& q, const writer_actor& writer,
                       std::optional<writer_source> source,
                       std::function<void(const writer_status&)> on_end);

/// Tells an attendant for each path when everything is done that was submitted
/// to a lane before, in the volume of the path; or why it cannot wait for that.
void await_lane(submitter& to, uint64_t lane,
                const std::vector<std::string>& paths,
                const attendant_actor& who);

} // namespace spindle::tool
