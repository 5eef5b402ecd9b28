// A writer writes to a pipe, whose reader is another program. If the reader is
// slow, only this writer waits, not the queue.
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
  // The descriptor must stay open until the writer has ended.
  ::pclose(program);
  return last ? 0 : 1;
}
