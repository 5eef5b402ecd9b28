// An application that people configure: they name a TOML file on its command
// line, as --spindle.config-file=FILE, or in its configuration file of CAF.
#include "spindle/client.hpp"
#include "spindle/config/from_file.hpp"

#include <iostream>

int main(int argc, char** argv) {
  spindle::init();
  spindle::config::from_file<> cfg;
  if (cafx::failed(cfg.parse(argc, argv))) {
    std::cerr << "wrong usage; try --help\n";
    return 2;
  }
  if (cafx::helptext_printed(cfg))
    return 0;
  auto loaded = spindle::config::load(cfg);
  if (!loaded) {
    std::cerr << to_string(loaded.error());
    return 2;
  }
  caf::actor_system sys{cfg};
  spindle::client client{spindle::spawn_queue(sys, loaded->queue)};
  auto there = client.run(spindle::directory_exists{.path = "/"});
  std::cout << loaded->profiles.size() << " profiles, up to "
            << loaded->queue.ops_per_turn << " operations a turn, "
            << (there && *there ? "and a disk" : "but no disk") << "\n";
}
