// Offers a directory of this machine to other nodes, until stdin is closed.
// node_client.cpp is a client for it.
#include "scratch.hpp"

#include "spindle/disks.hpp"
#include "spindle/serve.hpp"

#include <iostream>

int main() {
  spindle::init_networked();
  scratch dir;
  spindle::networked<> cfg;
  caf::actor_system sys{cfg};

  // No request of a client can leave this directory.
  auto disk
    = spindle::confined_disk(dir.path(), spindle::access_mode::read_write);
  if (!disk) {
    std::cerr << to_string(disk.error()) << "\n";
    return EXIT_FAILURE;
  }
  spindle::settings bounds;
  bounds.disk = std::move(*disk);
  spindle::served_volume volume{{.name = "data"},
                                spindle::spawn_queue(sys, bounds)};

  auto node = spindle::serve(sys, {volume}, {.address = "127.0.0.1"});
  if (!node) {
    std::cerr << to_string(*spindle::failure_of(node.error())) << "\n";
    return EXIT_FAILURE;
  }
  std::cout << node->port() << std::endl;
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
}
