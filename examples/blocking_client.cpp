// A program without its own actors uses a queue through a client: blocking
// calls, and functions that are called with outcomes.
#include "scratch.hpp"

#include "spindle/client.hpp"

#include <iostream>

using namespace spindle;

int main() {
  spindle::init();
  scratch dir;
  configured<> cfg;
  caf::actor_system sys{cfg};
  client disk{spawn_queue(sys)};

  // Blocking calls.
  auto written
    = disk.run(file_write{.path = dir / "a", .data = buffer{"text"}});
  auto bytes = disk.run(file_read{.path = dir / "a"});
  if (!written || !bytes)
    return 1;
  std::cout << "read: " << bytes->text() << "\n";

  // A failure names the operation, the path and the cause.
  auto missing = disk.run(file_read{.path = dir / "b"});
  if (!missing)
    std::cout << "failed: " << to_string(*failure_of(missing.error())) << "\n";

  // Without blocking: the function is called later, in another thread.
  auto ticket = disk.submit(
    file_copy{.path = dir / "a", .target = dir / "b"}, [](const outcome& x) {
      std::cout << "copied: " << (x.result ? "yes" : "no") << "\n";
    });
  if (!ticket)
    return 1;

  auto now = disk.status();
  if (now)
    std::cout << "most operations in the queue at once: " << now->high_water
              << "\n";

  // Returns when all operations are done and all functions have returned.
  auto last = disk.shutdown();
  if (!last)
    return 1;
  const auto& totals = last->totals;
  std::cout << "the queue did " << totals.succeeded + totals.failed
            << " operations, " << totals.failed << " failed\n";
}
