#include "run/run_submitter.hpp"

#include <deque>
#include <future>
#include <mutex>
#include <utility>

namespace spindle::tool {

/// Messages that the actor of a submitter understands.
struct submitter_trait {
  using signatures = cafx::type_list<
    // Does what its inbox holds.
    caf::result<void>(caf::tick_atom)>;
};

using submitter_actor = cafx::typed_actor<submitter_trait>;

// -- inbox --------------------------------------------------------------------

/// What the actor of a submitter is to do. Shared by the actor and those who
/// want something of it.
class submitter::inbox {
public:
  using self_ptr = cafx::self_ptr<submitter_actor>;

  using task = std::function<void(self_ptr)>;

  /// To be called once, before anything else.
  void serve_by(submitter_actor worker) {
    worker_ = std::move(worker);
  }

  void add(task what) {
    std::unique_lock guard{mutex_};
    waiting_.push_back(std::move(what));
    // One message is enough for all that comes before the actor looks.
    if (waiting_.size() == 1)
      cafx::anon_mail(caf::tick_atom_v).send(worker_);
  }

  /// Does what waits, in the name of the actor.
  void work_off(self_ptr self) {
    std::unique_lock guard{mutex_};
    auto tasks = std::exchange(waiting_, {});
    guard.unlock();
    for (const auto& what : tasks)
      what(self);
  }

  /// Calls `fun`, unless the submitter is gone; it does not go meanwhile.
  void call(const std::function<void()>& fun) {
    std::unique_lock guard{calling_};
    if (!closed_)
      fun();
  }

  void close() {
    std::scoped_lock guard{mutex_, calling_};
    closed_ = true;
    caf::anon_send_exit(std::exchange(worker_, {}),
                        caf::exit_reason::user_shutdown);
  }

private:
  submitter_actor worker_;
  std::mutex mutex_;
  std::deque<task> waiting_;
  /// Locked while somebody is told something.
  std::mutex calling_;
  bool closed_ = false;
};

/// Does what an inbox holds.
class submitter::worker_state {
public:
  static constexpr const char* name = "spindle.submitter";

  worker_state(inbox::self_ptr self, std::shared_ptr<inbox> work)
      : self_(self), work_(std::move(work)) {}

  submitter_actor::behavior_type make_behavior() {
    return {
      [this](caf::tick_atom) -> caf::result<void> {
        work_->work_off(self_);
        return caf::unit;
      },
    };
  }

private:
  inbox::self_ptr self_;
  std::shared_ptr<inbox> work_;
};

// -- submitter ----------------------------------------------------------------

submitter::submitter(const queue& to)
    : to_(to.front()), inbox_(std::make_shared<inbox>()) {
  submitter_actor worker
    = to.system().spawn<cafx::actor_of<worker_state>, caf::detached>(inbox_);
  client_ = worker.id();
  inbox_->serve_by(std::move(worker));
}

submitter::~submitter() {
  inbox_->close();
}

void submitter::submit(operation what, local_callback who, uint64_t lane,
                       on_ticket answered) {
  submit_any(std::move(what), std::move(who), lane, std::move(answered));
}

void submitter::submit(oplist what, local_list_callback who, uint64_t lane,
                       on_ticket answered) {
  submit_any(std::move(what), std::move(who), lane, std::move(answered));
}

void submitter::after_those(std::function<void()> fun) {
  inbox_->add([box = inbox_.get(), fun = std::move(fun)](inbox::self_ptr) {
    box->call(fun);
  });
}

void submitter::flush() {
  std::promise<void> sent;
  after_those([&sent] { sent.set_value(); });
  sent.get_future().wait();
}

template <class Work, class Callback>
void submitter::submit_any(Work what, Callback who, uint64_t lane,
                           on_ticket answered) {
  // A task is called once; a function object must be copyable, so that what it
  // owns cannot be moved into it without this.
  auto owned = std::make_shared<std::pair<Work, Callback>>(std::move(what),
                                                           std::move(who));
  inbox_->add([box = inbox_.get(), to = to_, owned, where = this->lane(lane),
               answered = std::move(answered)](inbox::self_ptr self) {
    auto tell = [box, answered](const caf::expected<ticket>& res) {
      box->call([&] { answered(res); });
    };
    self->mail(std::move(owned->first), std::move(owned->second), where)
      .request(to, cafx::infinite)
      .then([tell](ticket id) { tell(id); },
            [tell](const caf::error& why) { tell(why); });
  });
}

} // namespace spindle::tool
