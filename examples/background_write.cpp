// Two writers, one file: the second one starts when the first has ended. An
// actor receives their progress and is not blocked meanwhile.
#include "scratch.hpp"

#include "spindle/queue.hpp"

#include <iostream>

using namespace spindle;
using namespace std::chrono_literals;

struct watcher_state {
  watcher_state(cafx::self_ptr<progress_receiver> ptr, queue q, std::string to)
      : self(ptr), disk(std::move(q)), path(std::move(to)) {}

  progress_receiver::behavior_type make_behavior() {
    write();
    return {[](const writer_status& now) -> caf::result<void> {
      std::cout << now.written << " bytes written, " << now.remaining
                << " remain, busy for " << now.duty_pct << " % of the time"
                << (now.finished ? ", finished" : "") << "\n";
      return caf::unit;
    }};
  }

  void write() {
    auto head = disk.write(write_job{.path = path,
                                     .data = buffer{std::string(32 << 20, 'a')},
                                     .profile = "7"});
    auto tail = disk.write(write_job{.path = path,
                                     .mode = write_mode::append,
                                     .data = buffer{std::string(8 << 20, 'b')},
                                     .profile = "10",
                                     .chain_after = head});
    for (const auto& writer : {head, tail})
      self
        ->mail(
          subscribe_progress{caf::actor_cast<progress_receiver>(self), 20ms})
        .send(writer);
    self->mail(await_writer{})
      .request(tail, cafx::infinite)
      .then([this](const writer_status&) { self->quit(); },
            [this](const caf::error& why) { self->quit(why); });
  }

  cafx::self_ptr<progress_receiver> self;
  queue disk;
  std::string path;
};

int main() {
  spindle::init();
  scratch dir;
  configured<> cfg;
  caf::actor_system sys{cfg};
  sys.spawn<cafx::actor_of<watcher_state>>(spawn_queue(sys), dir / "file");
}
