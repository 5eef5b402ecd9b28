// The disk of a queue.
#pragma once

#include "disk_access.hpp"

#include "spindle/client.hpp"

namespace spindle::tool {

/// Has a queue do the operations.
class queue_disk final : public disk_access {
public:
  /// Does not own the client, which must be used by the same thread.
  explicit queue_disk(client& through) : through_(through) {}

  pending_answer start(operation what) override;

  bool has_volumes() const override;

private:
  client& through_;
};

} // namespace spindle::tool
