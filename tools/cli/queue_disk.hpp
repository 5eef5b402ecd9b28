// The disk of a queue.
#pragma once

#include "cli/disk_access.hpp"
#include "text/operation_line.hpp"

#include "spindle/client.hpp"

namespace spindle::tool {

/// Returns what went wrong with a request to a queue, whether or not an
/// operation is to blame.
failure reason_of(const caf::error& why);

/// Has a queue do the operations.
class queue_disk final : public disk_access {
public:
  /// Does not own the client, which must be used by the same thread.
  explicit queue_disk(client& through) : through_(through) {}

  /// Asks the queue ten times a second how far long operations are, as long as
  /// somebody waits for them, and shows it. Does not own the line; null for
  /// none.
  void show_on(operation_line* line) {
    line_ = line;
  }

  pending_answer start(operation what) override;

  bool has_volumes() const override;

private:
  pending_answer request(operation what);

  /// Like `request`, with a ticket to ask by.
  pending_answer submit(operation what);

  client& through_;
  operation_line* line_ = nullptr;
};

} // namespace spindle::tool
