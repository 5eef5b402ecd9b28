// Tells a receiver how far one operation or oplist is.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/messages.hpp"

namespace spindle {

/// Messages that a progress watch understands.
struct progress_watch_trait {
  using signatures = cafx::type_list<
    // Asks the supervisor how far the operation is. From the watch to itself.
    caf::result<void>(caf::tick_atom)>;
};
using progress_watch = cafx::typed_actor<progress_watch_trait>;

/// Asks a supervisor for the progress of an operation each interval, and sends
/// the answer to a receiver. Ends when the supervisor has no answer, and
/// when supervisor or receiver have ended.
class SPINDLE_EXPORT progress_watch_state {
public:
  static constexpr const char* name = "spindle.progress-watch";

  progress_watch_state(cafx::self_ptr<progress_watch> self,
                       supervisor_actor supervisor, ticket which,
                       operation_progress_receiver receiver,
                       caf::timespan interval);

  progress_watch::behavior_type make_behavior();

private:
  /// Asks the supervisor after the interval.
  void schedule();

  void ask();

  cafx::self_ptr<progress_watch> self_;
  supervisor_actor supervisor_;
  ticket which_;
  operation_progress_receiver receiver_;
  caf::timespan interval_;
};

} // namespace spindle
