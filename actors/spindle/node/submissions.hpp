// The operations and oplists of a connection whose results go to callbacks.
#pragma once

#include "spindle/export.hpp"
#include "spindle/queue/job.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <vector>

namespace spindle {

/// The operations and oplists that a node has admitted for callbacks, and has
/// not finished. Not thread-safe.
class SPINDLE_EXPORT submissions {
public:
  /// Adds one that the node has admitted.
  /// @param what its recipient is the callback.
  /// @param callbacks those of the operations of a list.
  void add(ticket id, std::shared_ptr<job> what,
           std::vector<callback> callbacks);

  /// Removes the one with this ticket, and calls its callback.
  /// @returns whether there was one.
  bool finish(const outcome& x);

  /// Likewise, with the callbacks of the operations.
  bool finish(const oplist_report& x);

  /// Removes all, and calls their callbacks with a failure.
  void fail_all(const failure& why);

  bool empty() const {
    return pending_.empty();
  }

  /// Appends what is not finished.
  void add_undone(std::vector<undone>& to) const;

  /// Returns how many functions of this process have thrown as callbacks.
  uint64_t callbacks_threw() const {
    return callbacks_threw_;
  }

private:
  struct submission {
    std::shared_ptr<job> what;
    std::vector<callback> callbacks;
  };

  template <class Result>
  bool finish_any(const Result& x);

  void notify(submission& one, const outcome& x);

  void notify(submission& one, const oplist_report& x);

  std::map<ticket, submission> pending_;
  uint64_t callbacks_threw_ = 0;
};

} // namespace spindle
