// An application that loads a TOML file. Its users name the file on the command
// line, as --spindle.config-file=FILE, or in CAF's configuration file. The
// program writes with the profile "nightly", which configured.toml defines.
#include "scratch.hpp"

#include "spindle/client.hpp"
#include "spindle/config.hpp"

#include <chrono>
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
  scratch dir;
  caf::actor_system sys{cfg};
  spindle::client disk{spindle::spawn_queue(sys, loaded->queue)};

  using clock = std::chrono::steady_clock;
  auto begin = clock::now();
  auto writer = disk.write({.path = dir / "backup",
                            .data = spindle::buffer{std::string(2 << 20, 'x')},
                            .profile = "nightly"});
  auto last = disk.wait(writer);
  if (!last) {
    std::cerr << to_string(*spindle::failure_of(last.error())) << "\n";
    return 1;
  }
  std::chrono::duration<double> taken = clock::now() - begin;
  std::cout << last->written << " bytes in " << taken.count() << " s\n";
}
