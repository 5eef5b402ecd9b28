// The demo, in three parts. It copies a directory tree through a queue, reads,
// changes and deletes parts of the copy, and checks the result without the
// queue. It writes files in the background with each profile. It repeats some
// operations as the client of a node.
#include "check.hpp"
#include "experiment.hpp"
#include "nodes.hpp"
#include "plan.hpp"
#include "plot.hpp"
#include "steps.hpp"
#include "table.hpp"

#include "scratch.hpp"

#include "spindle/client.hpp"
#include "spindle/init_networked.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <random>

namespace {

constexpr int differs = 1;
constexpr int usage_error = 2;
constexpr int broken_off = 130;

struct options {
  std::string tree = "/usr/include";
  std::string work = std::filesystem::temp_directory_path().string();
  size_t files = demo::limits{}.files;
  uint64_t megabytes = demo::limits{}.bytes / 1'000'000;
  bool keep = false;
  uint64_t written_megabytes = 0;
  size_t rounds = 7;
  std::string plot{};
};

void add_options(CLI::App& app, options& x) {
  app.add_option("--tree", x.tree, "Directory to copy")->capture_default_str();
  app
    .add_option("--work", x.work, "Where to create the directory for the copy")
    ->capture_default_str();
  app.add_option("--files", x.files, "How many files to copy at most")
    ->capture_default_str();
  app
    .add_option("--megabytes", x.megabytes,
                "How many megabytes to copy at most")
    ->capture_default_str();
  app.add_flag("--keep", x.keep, "Do not remove the copy");
  app.add_option(
    "--written-megabytes", x.written_megabytes,
    "How much each profile writes in a round; 0: measure and choose");
  app.add_option("--rounds", x.rounds, "How often each profile writes")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app.add_option("--plot", x.plot,
                 "Draw the results of the profiles into this SVG file");
}

/// Executes the steps through the queue; returns problems, one line each.
std::vector<std::string> work(const demo::original& tree,
                              const demo::plan& todo,
                              const std::string& directory) {
  spindle::configured<> cfg;
  spindle::tune_scheduler(cfg);
  caf::actor_system sys{cfg};
  spindle::client disk{spindle::spawn_queue(sys), cafx::infinite};
  demo::worker steps{disk, tree, todo, directory};
  size_t operations = 0;
  demo::print_head();
  steps.run([&](const demo::row& what) {
    operations += what.operations;
    demo::print(what);
  });
  auto problems = steps.problems();
  auto last = disk.shutdown();
  if (!last) {
    problems.emplace_back("the shutdown of the queue failed");
    return problems;
  }
  demo::print(last->totals);
  if (last->totals.succeeded + last->totals.failed != operations)
    problems.emplace_back(
      "the queue and its client counted different numbers of operations");
  return problems;
}

void complain(const std::vector<std::string>& problems) {
  constexpr size_t most = 20;
  for (size_t i = 0; i < problems.size() && i < most; ++i)
    std::fprintf(stderr, "spindle-demo: %s\n", problems[i].c_str());
  if (problems.size() > most)
    std::fprintf(stderr, "spindle-demo: … and %zu more\n",
                 problems.size() - most);
}

/// Copies and changes the tree; returns problems, one line each.
std::vector<std::string> show_operations(const options& what,
                                         const std::string& directory) {
  auto tree = demo::look_at(std::filesystem::canonical(what.tree).string(),
                            {what.files, what.megabytes * 1'000'000});
  demo::print(tree);
  auto todo = demo::make_plan(tree);
  auto problems = work(tree, todo, directory);
  auto found = demo::check(tree, todo, directory);
  demo::print(found);
  problems.insert(problems.end(), found.problems.begin(), found.problems.end());
  return problems;
}

/// Writes with all profiles, round by round, so that other load on the machine
/// affects all of them; returns problems, one line each.
std::vector<std::string> show_profiles(const options& what,
                                       const std::string& directory) {
  spindle::configured<> cfg;
  spindle::tune_scheduler(cfg);
  caf::actor_system sys{cfg};
  demo::experiment writing{spindle::spawn_queue(sys), directory};
  auto bytes = what.written_megabytes * 1'000'000;
  if (bytes > 0)
    writing.set_size(bytes);
  else
    bytes = writing.choose_size();
  demo::balance alone;
  std::vector<demo::balance> all;
  for (const auto& profile : spindle::built_in_profiles())
    all.push_back({profile});
  std::vector<demo::balance*> order{&alone};
  for (auto& x : all)
    order.push_back(&x);
  std::mt19937 numbers;
  for (size_t round = 0; round < what.rounds; ++round) {
    // Otherwise, each profile would always follow the same other one.
    std::shuffle(order.begin(), order.end(), numbers);
    for (auto* x : order) {
      demo::throw_if_interrupted();
      x->rounds.push_back(x == &alone ? demo::experiment::just_compute()
                                      : writing.run(x->profile));
    }
  }
  demo::print(all, alone, bytes);
  if (!what.plot.empty())
    demo::plot(what.plot, all, alone);
  return writing.problems();
}

int run(const options& what, const std::string& directory) {
  auto problems = show_operations(what, directory);
  auto more = show_profiles(what, directory);
  problems.insert(problems.end(), more.begin(), more.end());
  more = demo::show_nodes(directory);
  problems.insert(problems.end(), more.begin(), more.end());
  complain(problems);
  if (!problems.empty()) {
    std::puts(
      "\nFAILED: the result is not as expected; stderr lists the problems.");
    return differs;
  }
  std::puts("\nPASSED: the result is as expected.");
  return EXIT_SUCCESS;
}

} // namespace

int main(int argc, char** argv) {
  spindle::init_networked();
  CLI::App app{"Demonstrates Spindle on a copy of real files.", "spindle-demo"};
  try {
    options chosen;
    add_options(app, chosen);
    app.parse(argc, argv);
    if (!chosen.plot.empty())
      demo::require_gnuplot();
    for (auto what : {SIGINT, SIGTERM})
      std::signal(what, [](int) { demo::interrupt(); });
    scratch directory{std::filesystem::canonical(chosen.work)};
    if (chosen.keep) {
      directory.keep();
      std::printf("The copy stays in %s\n", directory.path().c_str());
    }
    return run(chosen, directory.path());
  } catch (const CLI::ParseError& why) {
    return app.exit(why) == 0 ? 0 : usage_error;
  } catch (const demo::interrupted&) {
    std::fprintf(stderr, "spindle-demo: interrupted\n");
    return broken_off;
  } catch (const std::exception& why) {
    std::fprintf(stderr, "spindle-demo: %s\n", why.what());
    return usage_error;
  }
}
