// A program waits for a long operation, and shows meanwhile how far it is.
#include "scratch.hpp"

#include "spindle/client.hpp"

#include <iostream>

using namespace spindle;
using namespace std::chrono_literals;

int main() {
  spindle::init();
  scratch dir;
  configured<> cfg;
  caf::actor_system sys{cfg};
  // The operation may take as long as it likes.
  client disk{spawn_queue(sys), cafx::infinite};

  // Two gigabytes of zeros, which take no room on the disk.
  auto path = dir / "zeros";
  auto created = disk.run(file_create{.path = path});
  auto resized = disk.run(file_truncate{.path = path, .size = 2ull << 30});
  if (!created || !resized)
    return 1;

  // The function is called in this thread, every 20 milliseconds.
  auto show = [](const operation_progress& now) {
    std::cout << now.bytes << " bytes so far\n";
  };
  auto sum = disk.run(file_checksum{.path = path}, show, 20ms);
  if (!sum) {
    std::cout << "failed: " << to_string(*failure_of(sum.error())) << "\n";
    return 1;
  }
  std::cout << "checksum: " << *sum << "\n";
}
