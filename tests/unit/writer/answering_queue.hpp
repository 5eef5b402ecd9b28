// A queue for writers whose responses the test gives.
#pragma once

#include "writer_fixture.hpp"

#include <cstdint>
#include <utility>
#include <vector>

namespace spindle::test {

/// Registers writers as a supervisor does, and keeps their steps until the test
/// responds, in any order: those of two disk actors may overtake each other.
struct answering_queue {
  // Not a function: CAF 0.17 makes a reference of a null pointer for its
  // arguments, if it has none.
  class answerer : public caf::event_based_actor {
  public:
    answerer(caf::actor_config& cfg, answering_queue* all)
        : caf::event_based_actor(cfg), all_(all) {}

    caf::behavior make_behavior() override {
      return {
        [](const enlist& x) {
          return enlisted{*x.choice.own, nullptr, 0};
        },
        [this](const stream_step& x) {
          all_->steps.push_back({x, make_response_promise()});
          return all_->steps.back().second;
        },
        [](const writer_ended&) {},
        [this](uint64_t i, uint64_t written, double share) {
          all_->steps[i].second.deliver(step_result{written, share});
        },
      };
    }

  private:
    answering_queue* all_;
  };

  explicit answering_queue(caf::actor_system& sys)
      : actor(sys.spawn<answerer>(this)) {}

  ~answering_queue() {
    caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  }

  /// Responds to the `i`th step.
  void answer(uint64_t i, uint64_t written, double share = 1) {
    cafx::anon_mail(i, written, share).send(actor);
  }

  caf::actor actor;
  std::vector<std::pair<stream_step, caf::response_promise>> steps;
};

} // namespace spindle::test
