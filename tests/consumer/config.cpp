// A program of another project that uses spindle::config.
#include <spindle/config.hpp>

#include <iostream>

int main(int argc, char** argv) {
  spindle::init();
  spindle::config::from_file<> cfg;
  auto loaded = argc > 1 ? spindle::config::load_file(argv[1])
                         : spindle::config::load(cfg);
  if (!loaded) {
    std::cerr << to_string(loaded.error());
    return 1;
  }
  std::cout << "consumer: " << loaded->queue.profiles.size() << " profiles\n";
}
