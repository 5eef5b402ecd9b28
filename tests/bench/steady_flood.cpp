#include "steady_flood.hpp"

#include <atomic>
#include <chrono>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>

namespace bench {

/// What the callbacks of a flood, its actor and its owner share. No lock is
/// taken unless an operation fails.
class flood_account {
public:
  /// Notes the end of an operation. Called in the callback actor.
  /// @returns whether the submitter must be told.
  bool add(const spindle::outcome& x) {
    if (!x.result)
      fail(to_string(x.result.error()));
    completed_.fetch_add(1, std::memory_order_relaxed);
    // The submitter is told once about all that complete until it looks.
    return unseen_.fetch_add(1) == 0;
  }

  /// Returns how many operations have completed since the last call.
  uint64_t take_unseen() {
    return unseen_.exchange(0);
  }

  uint64_t completed() const {
    return completed_.load(std::memory_order_relaxed);
  }

  void stop() {
    stopped_ = true;
  }

  bool stopped() const {
    return stopped_;
  }

  std::string failure() {
    std::lock_guard guard{mutex_};
    return failure_;
  }

private:
  void fail(std::string why) {
    std::lock_guard guard{mutex_};
    failure_ = std::move(why);
    stopped_ = true;
  }

  std::atomic<uint64_t> completed_ = 0;
  std::atomic<uint64_t> unseen_ = 0;
  std::atomic<bool> stopped_ = false;
  std::mutex mutex_;
  std::string failure_;
};

namespace {

struct submitter_trait {
  using signatures = cafx::type_list<
    // Looks how many operations have completed, and submits as many.
    caf::result<void>(bool)>;
};
using submitter = cafx::typed_actor<submitter_trait>;

/// Submits the operations of a flood.
class submitter_state {
public:
  submitter_state(cafx::self_ptr<submitter> self, spindle::front_actor to,
                  spindle::operation what, unsigned weight,
                  std::shared_ptr<flood_account> shared,
                  std::promise<void> idle)
      : self_(self),
        to_(std::move(to)),
        what_(std::move(what)),
        where_{.id = {self->id()}, .weight = weight},
        shared_(std::move(shared)),
        idle_(std::move(idle)) {}

  submitter::behavior_type make_behavior() {
    submit(steady_flood::window);
    return {
      [this](bool) -> caf::result<void> {
        on_completed(shared_->take_unseen());
        return caf::unit;
      },
    };
  }

private:
  void submit(uint64_t count) {
    in_flight_ += count;
    auto me = caf::actor_cast<submitter>(self_);
    spindle::local_callback note{
      [me = std::move(me), shared = shared_](const spindle::outcome& x) {
        if (shared->add(x))
          cafx::anon_mail(true).send(me);
      }};
    // Anonymous, so that no ticket comes back.
    for (; count > 0; --count)
      cafx::anon_mail(what_, note, where_).send(to_);
  }

  void on_completed(uint64_t count) {
    in_flight_ -= count;
    if (!shared_->stopped())
      submit(count);
    if (in_flight_ == 0) {
      idle_.set_value();
      self_->quit();
    }
  }

  cafx::self_ptr<submitter> self_;
  spindle::front_actor to_;
  spindle::operation what_;
  spindle::in_lane where_;
  std::shared_ptr<flood_account> shared_;
  std::promise<void> idle_;
  uint64_t in_flight_ = 0;
};

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

steady_flood::steady_flood(const spindle::queue& to, spindle::operation what,
                           unsigned weight)
    : account_(std::make_shared<flood_account>()) {
  std::promise<void> idle;
  idle_ = idle.get_future();
  submitter_ = caf::actor_cast<caf::actor>(
    to.system().spawn<cafx::actor_of<submitter_state>>(
      to.front(), std::move(what), weight, account_, std::move(idle)));
}

steady_flood::~steady_flood() {
  // Unless it was moved.
  if (account_)
    end();
}

// -- what the owner does ------------------------------------------------------

uint64_t steady_flood::completed() const {
  return account_->completed();
}

void steady_flood::stop() {
  account_->stop();
}

bool steady_flood::end() {
  stop();
  if (idle_.wait_for(std::chrono::minutes{1}) == std::future_status::ready)
    return true;
  caf::anon_send_exit(submitter_, caf::exit_reason::kill);
  return false;
}

void steady_flood::finish() {
  auto idle = end();
  if (auto why = account_->failure(); !why.empty())
    throw std::runtime_error{"an operation of a flood failed: " + why};
  if (!idle)
    throw std::runtime_error{"operations of a flood have no result a minute "
                             "after it was stopped: the queue has refused "
                             "them, or hangs"};
}

} // namespace bench
