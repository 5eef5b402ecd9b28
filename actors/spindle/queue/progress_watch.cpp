#include "spindle/queue/progress_watch.hpp"

#include "spindle/queue/unexpected.hpp"

#include <utility>

namespace spindle {

progress_watch_state::progress_watch_state(cafx::self_ptr<progress_watch> self,
                                           supervisor_actor supervisor,
                                           ticket which,
                                           operation_progress_receiver receiver,
                                           caf::timespan interval)
    : self_(self),
      supervisor_(std::move(supervisor)),
      which_(which),
      receiver_(std::move(receiver)),
      interval_(interval) {
  drop_unexpected(self_);
}

progress_watch::behavior_type progress_watch_state::make_behavior() {
  // Otherwise an actor system would wait for the interval before it can end.
  self_->monitor(supervisor_, [this](const caf::error&) { self_->quit(); });
  self_->monitor(receiver_, [this](const caf::error&) { self_->quit(); });
  schedule();
  return {
    [this](caf::tick_atom) -> caf::result<void> {
      ask();
      return caf::unit;
    },
  };
}

void progress_watch_state::schedule() {
  self_->mail(caf::tick_atom_v).delay(interval_).send(self_);
}

void progress_watch_state::ask() {
  self_->mail(get_progress{which_})
    .request(supervisor_, cafx::infinite)
    .then(
      [this](operation_progress& now) {
        // Anonymous, because CAF 1.x sends an error to the sender if the
        // receiver throws.
        cafx::anon_mail(std::move(now)).send(receiver_);
        schedule();
      },
      // The operation is done, or its node is lost.
      [this](const caf::error&) { self_->quit(); });
}

} // namespace spindle
