// Measures Spindle against bare system calls, libuv and bare CAF messages.
#include "sections.hpp"

#include "spindle/init_networked.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

namespace {

using bench::options;

void add_options(CLI::App& app, options& opts) {
  app.add_option("--rounds", opts.rounds, "How often each contestant runs")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app.add_option("--count", opts.count, "Files on tmpfs per round")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app
    .add_option("--disk-count", opts.disk_count, "Files on the disk per round")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app.add_option("--samples", opts.samples, "Samples of the latency per round")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app.add_option("--pending", opts.pending, "Operations that take memory")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app
    .add_option("--idle-writers", opts.idle_writers, "Writers that take memory")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app
    .add_option("--stream-bytes", opts.stream_bytes,
                "Bytes that writers write, enough for a second or so")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app
    .add_option("--duty-rounds", opts.duty_rounds,
                "How often duty, and a crowd of writers, is measured")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app
    .add_option("--fairness-rounds", opts.fairness_rounds,
                "How often waiting beside others is measured")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app
    .add_option("--fairness-bytes", opts.fairness_bytes,
                "Size of the file that others copy meanwhile")
    ->check(CLI::PositiveNumber)
    ->capture_default_str();
  app.add_option("--disk", opts.disk, "A directory on the disk")
    ->check(CLI::ExistingDirectory)
    ->capture_default_str();
  app.add_option("--tmpfs", opts.tmpfs, "A directory on tmpfs")
    ->check(CLI::ExistingDirectory)
    ->capture_default_str();
  app.add_option("--csv", opts.csv, "Where the results go")
    ->capture_default_str();
  app.add_option(
    "--only", opts.only,
    "Only sections whose name contains one of these: exists, "
    "write 4, read, delete, rename, tmpfs, disk, messages, latency, "
    "memory, writers, nodes, fairness");
  app.add_option("--who", opts.who,
                 "Only contestants whose name contains one of these, beside "
                 "bare system calls and libuv");
  app.add_option("--policy", opts.scheduler.policy, "Scheduling policy of CAF")
    ->check(CLI::IsMember({"stealing", "sharing"}))
    ->capture_default_str();
  app
    .add_option("--workers", opts.scheduler.workers,
                "Threads that CAF schedules on; CAF chooses if 0")
    ->capture_default_str();
  app.add_flag("--detach", opts.detach,
               "Every actor of the queue has a thread");
  app.add_option("--ops-per-turn", opts.ops_per_turn,
                 "Operations in a turn; as Spindle has it if 0");
  app.add_flag("--sweep", opts.sweep, "Compare lengths of a turn");
  app.add_flag_callback(
    "--quick",
    [&opts] {
      opts.rounds = 3;
      opts.count = 250;
      opts.disk_count = 100;
      opts.samples = 20;
      opts.pending = 100'000;
      opts.idle_writers = 2'000;
      opts.stream_bytes = uint64_t{256} << 20;
      opts.duty_rounds = 1;
      opts.fairness_rounds = 1;
      opts.fairness_samples = 100;
      opts.fairness_bytes = uint64_t{256} << 20;
    },
    "A first impression in less than a minute");
}

/// Runs all sections. Memory comes first, while there are no threads.
void run(const options& opts) {
  std::vector<bench::row> all;
  bench::print_head();
  for (auto measure : {bench::measure_memory, bench::measure_throughput,
                       bench::measure_latency, bench::measure_writers,
                       bench::measure_nodes, bench::measure_fairness}) {
    auto rows = measure(opts);
    all.insert(all.end(), rows.begin(), rows.end());
  }
  bench::write_csv(opts.csv, all);
}

} // namespace

int main(int argc, char** argv) {
  spindle::init_networked();
  CLI::App app{"Measures Spindle. Use an otherwise idle machine."};
  options opts;
  add_options(app, opts);
  CLI11_PARSE(app, argc, argv);
  try {
    run(opts);
    return 0;
  } catch (const std::exception& x) {
    std::fprintf(stderr, "spindle-bench: %s\n", x.what());
    return 1;
  }
}
