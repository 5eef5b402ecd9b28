// Uses the volume of a node like a local disk. The argument is the port that
// serve_node.cpp prints.
#include "spindle/client.hpp"
#include "spindle/connect.hpp"

#include <iostream>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: example-node_client PORT\n";
    return EXIT_FAILURE;
  }
  spindle::init_networked();
  spindle::networked<> cfg;
  caf::actor_system sys{cfg};
  auto port = static_cast<uint16_t>(std::stoul(argv[1]));

  auto far = spindle::connect(sys, {.host = "127.0.0.1", .port = port});
  if (!far) {
    std::cerr << to_string(*spindle::failure_of(far.error())) << "\n";
    return EXIT_FAILURE;
  }
  spindle::client disk{*far};
  disk.run(spindle::file_write{.path = "data:greeting",
                               .data = spindle::buffer{"Hello, node!"}});
  std::cout << disk.run(spindle::file_read{.path = "data:greeting"})->text()
            << "\n";

  // Executed exactly once, even if the connection breaks meanwhile.
  auto made = far->run_once(spindle::file_create{.path = "data:once"});
  std::cout << "made: " << (made ? "yes" : "no") << "\n";

  auto writer
    = far->write({.path = "data:log",
                  .data = spindle::buffer{std::string(1'000'000, 'x')},
                  .profile = "7"});
  std::cout << disk.wait(writer)->written << " bytes in the background\n";

  auto outside = disk.run(spindle::file_read{.path = "data:../secret"});
  std::cout << to_string(*spindle::failure_of(outside.error())) << "\n";
}
