// How a writer waits for its predecessor, the writer that it is chained to.
#include "spindle/writer/writer.hpp"

#include <utility>

namespace spindle {

void writer_state::wait_for_predecessor() {
  self_->monitor(job_.chain_after, [this](const caf::error& reason) {
    on_predecessor_down(reason);
  });
}

void writer_state::on_predecessor_down(const caf::error& reason) {
  if (phase_ != phase::waiting)
    return;
  if (cafx::ended_well(reason)
      || job_.chain_on_error == chain_policy::proceed) {
    on_chain_free();
    return;
  }
  // The reason says only that it was gone already, if it was.
  recall_predecessor(reason);
}

void writer_state::recall_predecessor(const caf::error& reason) {
  self_
    ->mail(
      recall_writer{std::exchange(job_.chain_after, {}), job_.chain_after_id})
    .request(supervisor_, cafx::infinite)
    .then(
      [this](const writer_status& last) {
        if (last.error)
          on_chain_broken(*last.error);
        else
          on_chain_free();
      },
      [this, reason](const caf::error& unknown) {
        auto known = failure_of(reason);
        if (!known)
          known = failure_of(unknown);
        on_chain_broken(known.value_or(failure{
          .code = errc::writer_lost,
          .operation = stream_step_name,
          .detail = "it is unknown how the writer ended: it was killed, "
                    "its node was lost, or its queue has forgotten "
                    "it"}));
      });
}

void writer_state::on_chain_free() {
  if (phase_ != phase::waiting)
    return;
  job_.chain_after = writer_actor{};
  schedule_wake_up(now() + steps_.pace()->current().chain_wait);
}

void writer_state::on_chain_broken(const failure& before) {
  if (job_.chain_on_error == chain_policy::proceed) {
    on_chain_free();
    return;
  }
  auto broken = chain_broken_by(before);
  auto why = make_failure(broken.code, std::move(broken.detail));
  why.links = broken.links;
  stop(std::move(why));
}

} // namespace spindle
