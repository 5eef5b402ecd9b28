// Runs many random histories of a queue (history.hpp).
#include "history.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <random>

int main(int argc, char** argv) {
  using namespace spindle;
  size_t histories = 10'000;
  auto seed = uint64_t{std::random_device{}()};
  bool verbose = false;
  CLI::App app{"Runs random histories of a queue under virtual time and checks "
               "each against a model."};
  app.add_option("-n,--histories", histories, "number of histories")
    ->envname("SPINDLE_HISTORIES")
    ->capture_default_str();
  app.add_option("-s,--seed", seed,
                 "seed of the first history; each further one "
                 "adds 1 (default: random)");
  app.add_flag("-v,--verbose", verbose, "print each step");
  CLI11_PARSE(app, argc, argv);
  init<caf::id_block::spindle_sim>();
  test::world world;
  std::cout << "seed " << seed << std::endl;
  size_t requests = 0;
  size_t kills = 0;
  double lead = 0;
  auto start = std::chrono::steady_clock::now();
  for (size_t i = 0; i < histories; ++i) {
    sim::history next{world, seed + i, verbose};
    try {
      next.run();
    } catch (const sim::broken_promise& what) {
      std::cout << "broken promise: " << what.what()
                << "\nreplay with: " << argv[0]
                << " --histories 1 --verbose --seed " << seed + i << std::endl;
      return EXIT_FAILURE;
    }
    requests += next.requests();
    kills += next.kills();
    lead = std::max(lead, next.lead());
  }
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  std::cout << histories << " histories with " << requests << " requests and "
            << kills << " killed disk actors kept all promises in "
            << time.count() << " s; the greatest lead of a client or lane was "
            << lead << " of what is allowed" << std::endl;
}
