// Spindle with plain CAF 0.17: CAF_MAIN, a function-based actor, and a scoped
// actor. plain_caf_1.x.cpp is the same for CAF 1.x.
#include "scratch.hpp"

#include "spindle/queue.hpp"

#include <iostream>

#include <caf/scoped_actor.hpp>

using namespace std::chrono_literals;

void complain(const caf::error& why) {
  if (auto x = spindle::failure_of(why))
    std::cout << "failed: " << to_string(*x) << "\n";
}

void reader(caf::event_based_actor* self, const spindle::queue& disk,
            const std::string& path) {
  self->request(disk.supervisor(), 5s, spindle::file_read{.path = path})
    .then(
      [](const spindle::buffer& bytes) {
        std::cout << "read: " << bytes.text() << "\n";
      },
      complain);
}

void caf_main(caf::actor_system& sys) {
  scratch dir;
  auto disk = spindle::spawn_queue(sys);
  caf::scoped_actor self{sys};
  spindle::file_write op{.path = dir / "greeting",
                         .data = spindle::buffer{"Hello, disk!"}};
  self->request(disk.supervisor(), 5s, op)
    .receive([] { std::cout << "written\n"; }, complain);
  for (auto name : {"greeting", "missing"})
    self->wait_for(self->spawn(reader, disk, dir / name));
}

CAF_MAIN(caf::id_block::spindle)
