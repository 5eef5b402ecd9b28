// An actor sends requests to write and read a file, and handles the failure of
// the last one.
#include "scratch.hpp"

#include "spindle/queue.hpp"

#include <iostream>

struct writer_trait {
  // Gets the path of the file to write.
  using signatures = cafx::type_list<caf::result<void>(std::string)>;
};
using writer = cafx::typed_actor<writer_trait>;

struct writer_state {
  writer_state(cafx::self_ptr<writer> ptr, spindle::queue q)
      : self(ptr), disk(std::move(q)) {}

  writer::behavior_type make_behavior() {
    return {[this](const std::string& path) -> caf::result<void> {
      write(path);
      return caf::unit;
    }};
  }

  void write(const std::string& path) {
    self->mail(spindle::file_write{path, spindle::buffer{"Hello, disk!"}})
      .request(disk.supervisor(), std::chrono::seconds{10})
      .then([this, path] { read(path); },
            [](const caf::error& why) { complain(why); });
  }

  void read(const std::string& path) {
    auto on_bytes = [this, path](const spindle::buffer& bytes) {
      std::cout << "read: " << bytes.text() << "\n";
      read(path + ".missing");
    };
    self->mail(spindle::file_read{path})
      .request(disk.supervisor(), std::chrono::seconds{10})
      .then(on_bytes, [](const caf::error& why) { complain(why); });
  }

  static void complain(const caf::error& why) {
    if (auto x = spindle::failure_of(why))
      std::cout << to_string(*x) << "\n";
  }

  cafx::self_ptr<writer> self;
  spindle::queue disk;
};

int main() {
  spindle::init();
  scratch dir;
  spindle::configured<> cfg;
  caf::actor_system sys{cfg};
  auto who = sys.spawn<cafx::actor_of<writer_state>>(spindle::spawn_queue(sys));
  cafx::anon_mail(dir / "greeting").send(who);
}
