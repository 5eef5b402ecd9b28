// What a client sees when a disk actor dies: its operation fails, and all
// others go on, because the supervisor spawns another disk actor.
#include "scratch.hpp"

#include "spindle/client.hpp"
#include "spindle/disks.hpp"

#include <iostream>

using namespace spindle;

/// Nothing that a disk actor could turn into a failure.
struct lightning {};

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

  // A file system that kills whoever touches one file.
  settings bounds;
  bounds.disk
    = observed_disk(real_disk(), [](std::string_view, const std::string& path) {
        if (path.ends_with("deadly"))
          throw lightning{};
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
