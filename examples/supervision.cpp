// A disk actor dies: the current operation fails, and all others are executed,
// because the supervisor spawns another disk actor.
#include "scratch.hpp"

#include "spindle/client.hpp"
#include "spindle/disks.hpp"

#include <iostream>

using namespace spindle;

/// An exception that the disk actor does not catch.
struct fatal_error {};

void write(client& disk, const std::string& path) {
  auto res = disk.run(file_write{.path = path, .data = buffer{"text"}});
  if (res)
    std::cout << "written: " << path << "\n";
  else if (auto why = failure_of(res.error()))
    std::cout << to_string(*why) << "\n";
}

int main() {
  spindle::init();
  scratch dir;

  // A file system that throws when it is asked for one of the files.
  settings bounds;
  bounds.disk
    = observed_disk(real_disk(), [](std::string_view, const std::string& path) {
        if (path.ends_with("deadly"))
          throw fatal_error{};
      });

  configured<> cfg;
  caf::actor_system sys{cfg};
  client disk{spawn_queue(sys, bounds)};
  write(disk, dir / "one");
  write(disk, dir / "deadly"); // CAF prints why the actor died
  write(disk, dir / "two");

  auto status = disk.status();
  if (!status)
    return 1;
  std::cout << "disk actors replaced: " << status->disk_actors_replaced << "\n";
}
