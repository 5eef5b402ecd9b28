// A stream that is no file: another program gets what a writer writes. If it is
// slow, the writer waits, and neither the queue nor anybody else.
#include "spindle/queue.hpp"

#include <cstdio>

using namespace spindle;

int main() {
  spindle::init();
  configured<> cfg;
  caf::actor_system sys{cfg};
  queue disk = spawn_queue(sys);
  cafx::scoped_actor self{sys};

  auto* program = ::popen("sleep 0.2; wc -c", "w");
  if (!program)
    return 1;
  auto writer = disk.write(write_job{.descriptor = ::fileno(program),
                                     .data = buffer{std::string(1 << 20, 'x')},
                                     .profile = "10"});
  auto last
    = self->mail(await_writer{}).request(writer, cafx::infinite).receive();
  // Only now, since the descriptor belongs to the writer until it has ended.
  ::pclose(program);
  return last ? 0 : 1;
}
