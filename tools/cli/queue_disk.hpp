// The disk of a queue.
#pragma once

#include "cli/disk_access.hpp"
#include "text/operation_line.hpp"

#include "spindle/client.hpp"

namespace spindle::tool {

/// Returns why a request to a queue failed: the failure of its operation, or
/// that there is no answer.
failure failure_from(const caf::error& why);

/// Performs operations through a queue.
class queue_disk final : public disk_access {
public:
  /// Does not own the client, which belongs to the same thread.
  explicit queue_disk(client& through) : through_(through) {}

  /// Shows the progress of long operations on a line, or nowhere if null: polls
  /// the queue ten times a second while the caller waits for the answer. Does
  /// not own the line.
  void show_on(operation_line* line) {
    line_ = line;
  }

  pending_answer start(operation what) override;

  bool has_volumes() const override;

private:
  pending_answer request(operation what);

  /// Like `request`, with a ticket that identifies the operation in polls.
  pending_answer submit(operation what);

  client& through_;
  operation_line* line_ = nullptr;
};

} // namespace spindle::tool
