// An open-ended writer: the program appends data piece by piece, and waits for
// each response, so that the writer buffers no more than its limit.
#include "scratch.hpp"

#include "spindle/queue.hpp"

#include <iostream>

using namespace spindle;

int main() {
  spindle::init();
  scratch dir;
  configured<> cfg;
  caf::actor_system sys{cfg};
  settings bounds;
  bounds.max_buffered_bytes = 1 << 20;
  queue disk = spawn_queue(sys, bounds);
  cafx::scoped_actor self{sys};

  auto log = disk.write(write_job{.path = dir / "log",
                                  .mode = write_mode::append,
                                  .profile = "8",
                                  .durability = durability::data,
                                  .open_ended = true});
  // Sent now, because a writer that has ended answers no requests.
  auto end = self->mail(await_writer{}).request(log, cafx::infinite);

  for (int i = 0; i < 100; ++i) {
    auto piece = append_data{buffer{std::string(100'000, 'x')}};
    // The response arrives when the buffer has room.
    auto room = self->mail(piece).request(log, cafx::infinite).receive();
    if (!room) {
      std::cerr << to_string(*failure_of(room.error())) << "\n";
      return 1;
    }
  }
  self->mail(finish_writing{}).send(log);

  auto last = std::move(end).receive();
  if (!last) {
    std::cerr << to_string(*failure_of(last.error())) << "\n";
    return 1;
  }
  std::cout << last->written << " bytes in " << last->chunks << " chunks\n";
}
