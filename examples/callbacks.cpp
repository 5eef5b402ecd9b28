// An operation with a callback: the queue responds with a ticket at once, and
// sends the outcome to the callback actor later.
#include "scratch.hpp"

#include "spindle/queue.hpp"

#include <iostream>

/// Submits an operation, with itself as the callback.
struct watcher_state {
  watcher_state(cafx::self_ptr<spindle::callback> ptr, spindle::queue q,
                std::string path)
      : self(ptr), disk(std::move(q)), path(std::move(path)) {}

  spindle::callback::behavior_type make_behavior() {
    submit();
    return {[this](const spindle::outcome& x) -> caf::result<void> {
      std::cout << "outcome of " << x.ticket.id << ": " << name_of(x.op);
      if (x.result)
        std::cout << " succeeded\n";
      else
        std::cout << " failed: " << to_string(x.result.error()) << "\n";
      self->quit();
      return caf::unit;
    }};
  }

  void submit() {
    auto on_ticket = [](spindle::ticket x) {
      std::cout << "ticket " << x.id << " (for instance for `cancel`)\n";
    };
    auto on_error = [this](const caf::error& why) {
      std::cout << "not admitted: " << cafx::render(disk.system(), why) << "\n";
      self->quit();
    };
    self
      ->mail(spindle::file_write{path, spindle::buffer{"some bytes"}},
             caf::actor_cast<spindle::callback>(self))
      .request(disk.supervisor(), std::chrono::seconds{10})
      .then(on_ticket, on_error);
  }

  cafx::self_ptr<spindle::callback> self;
  spindle::queue disk;
  std::string path;
};

int main() {
  spindle::init();
  scratch dir;
  spindle::configured<> cfg;
  caf::actor_system sys{cfg};
  sys.spawn<cafx::actor_of<watcher_state>>(spindle::spawn_queue(sys),
                                           dir / "file");
}
