// Compares Spindle with bare system calls, libuv and bare CAF messages.
#include "depth/peer.hpp"
#include "sections.hpp"

#include "spindle/init_networked.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

namespace {

using bench::options;

/// Adds how much to measure, and how often.
void add_numbers(CLI::App& app, options& opts) {
  auto number = [&app](const char* name, auto& value, const char* text) {
    app.add_option(name, value, text)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  };
  number("--rounds", opts.rounds, "How often each contestant is measured");
  number("--count", opts.count, "Files on tmpfs in each round");
  number("--disk-count", opts.disk_count, "Files on the disk in each round");
  number("--samples", opts.samples,
         "Operations in each round whose latency is measured");
  number("--pending", opts.pending,
         "Operations that are pending while memory is measured");
  number("--idle-writers", opts.idle_writers,
         "Writers that are idle while memory is measured");
  number("--stream-bytes", opts.stream_bytes,
         "Bytes that writers write; enough for a second or so");
  number("--duty-rounds", opts.duty_rounds,
         "How often duty, 1000 writers and their end are measured");
  number("--fairness-rounds", opts.fairness_rounds,
         "How often each case of fairness and shares is measured");
  number("--fairness-samples", opts.fairness_samples,
         "How often a client asks beside a neighbour in each round");
  number("--fairness-bytes", opts.fairness_bytes,
         "Size of the file that a neighbour copies; others use a quarter");
  number("--shares-seconds", opts.shares_seconds,
         "Seconds in each round in which operations of floods are counted");
  number("--shares-bytes", opts.shares_bytes,
         "Bytes that each operation of these floods reads");
}

/// Adds where to work, and where the results go.
void add_places(CLI::App& app, options& opts) {
  app.add_option("--disk", opts.disk, "A directory on the disk")
    ->check(CLI::ExistingDirectory)
    ->capture_default_str();
  app.add_option("--tmpfs", opts.tmpfs, "A directory on tmpfs")
    ->check(CLI::ExistingDirectory)
    ->capture_default_str();
  app.add_option("--csv", opts.csv, "The file for the results")
    ->capture_default_str();
}

/// Adds what selects measurements.
void add_filters(CLI::App& app, options& opts) {
  app.add_option(
    "--only", opts.only,
    "Only sections whose name contains one of these: exists, "
    "write 4, read, delete, rename, tmpfs, disk, messages, latency, "
    "memory, writers, nodes, fairness, cancel, shares, depth");
  app.add_option("--who", opts.who,
                 "Only contestants and neighbours whose name contains one of "
                 "these; bare system calls and libuv always take part");
  app.add_flag("--sweep", opts.sweep, "Compare lengths of a turn");
}

/// Adds settings of the measured queue and its actor system.
void add_settings(CLI::App& app, options& opts) {
  app.add_option("--policy", opts.scheduler.policy, "Scheduling policy of CAF")
    ->check(CLI::IsMember({"stealing", "sharing"}))
    ->capture_default_str();
  app
    .add_option("--workers", opts.scheduler.workers,
                "Threads that CAF schedules on; CAF chooses if 0")
    ->capture_default_str();
  app.add_flag("--detach", opts.detach,
               "Gives every actor of the queue a thread of its own");
  app.add_option("--ops-per-turn", opts.ops_per_turn,
                 "Operations in a turn; the default of Spindle if 0");
}

/// Lowers the numbers for `--quick`.
void lower_numbers(options& opts) {
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
  opts.shares_seconds = 1;
  opts.depth.lower();
}

void add_options(CLI::App& app, options& opts) {
  add_numbers(app, opts);
  add_places(app, opts);
  add_filters(app, opts);
  add_settings(app, opts);
  add_depth_options(app, opts.depth);
  app.add_flag_callback(
    "--quick", [&opts] { lower_numbers(opts); },
    "Fewer rounds and less data: a first impression in about three minutes");
}

/// Runs all sections. Memory comes first, because it forks, which a process
/// with threads must not.
void run(const options& opts) {
  std::vector<bench::row> all;
  bench::print_head();
  for (auto measure :
       {bench::measure_memory, bench::measure_throughput,
        bench::measure_latency, bench::measure_writers, bench::measure_nodes,
        bench::measure_fairness, bench::measure_cancels, bench::measure_shares,
        bench::measure_depth}) {
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
  bench::depth::peer_task peer;
  add_options(app, opts);
  const auto* peer_command = bench::depth::add_peer_command(app, peer);
  CLI11_PARSE(app, argc, argv);
  try {
    if (peer_command->parsed())
      bench::depth::run_peer(peer);
    else
      run(opts);
    return 0;
  } catch (const std::exception& x) {
    std::fprintf(stderr, "spindle-bench: %s\n", x.what());
    return 1;
  }
}
