// How long one client waits for a short operation while others ask for long
// ones, or for many.
#include "bare_floods.hpp"
#include "busy_clients.hpp"
#include "loopback_node.hpp"
#include "neighbours.hpp"
#include "pinger.hpp"
#include "sections.hpp"
#include "statistics.hpp"

#include <algorithm>
#include <thread>
#include <utility>

namespace bench {

namespace {

/// How long a client asks in one round at most. If a queue is not fair, it
/// would take minutes to answer all of the questions.
constexpr auto longest_round = std::chrono::seconds{5};

// -- samples ------------------------------------------------------------------

/// What a client waited beside one neighbour.
struct waiting_times {
  /// Of each round, in microseconds.
  samples p50;
  samples p99;
  samples max;
  /// How long the work took alone, in seconds.
  samples alone;

  void add_round(const samples& waited) {
    p50.push_back(quantile(waited, 0.5));
    p99.push_back(quantile(waited, 0.99));
    max.push_back(*std::max_element(waited.begin(), waited.end()));
  }
};

/// A queue, as the client and the neighbour reach it.
struct measured_queue {
  /// The actor system of the queue, and of the client.
  caf::actor_system& system;
  const spindle::queue& of_client;
  /// The small file, as the client names it.
  std::string path;
  /// The same queue, or a connection to its node.
  const spindle::queue& of_neighbour;
};

/// Has a client ask for one round, and returns how long it waited each time.
samples ask(const options& opts, const measured_queue& which) {
  samples res;
  ping_from_actor(which.system, which.of_client.supervisor(), which.path,
                  {opts.fairness_samples, longest_round}, res);
  return res;
}

/// Measures the work alone, and then the client beside it.
void measure_beside(const options& opts, const measured_queue& which,
                    const neighbour& with, waiting_times& into) {
  if (with.clients == 1)
    into.alone.push_back(seconds([&] { with.work(which.of_neighbour); }));
  busy_clients others{with.clients, [&] { with.work(which.of_neighbour); }};
  std::this_thread::sleep_for(with.head_start);
  auto waited = ask(opts, which);
  others.finish();
  into.add_round(waited);
}

// -- rows ---------------------------------------------------------------------

std::vector<row> waiting_rows(const std::string& where, const std::string& who,
                              const waiting_times& times) {
  auto max = *std::max_element(times.max.begin(), times.max.end());
  return {{"exists p50", where, who, median(times.p50), "us"},
          {"exists p99", where, who, median(times.p99), "us"},
          {"exists max", where, who, max, "us"}};
}

std::vector<row> rows_beside(const std::string& where, const neighbour& with,
                             const waiting_times& times, double idle_p99) {
  auto who = "beside " + with.name;
  auto res = waiting_rows(where, who, times);
  res.push_back(
    {.measure = "p99 - idle",
     .where = where,
     .who = who,
     .value = median(times.p99) - idle_p99,
     .unit = "us",
     .aim = std::chrono::duration<double, std::micro>{with.aim}.count()});
  if (times.alone.empty())
    return res;
  auto time = median(times.alone);
  res.push_back({"time alone", where, with.name, time, "s"});
  if (with.operations > 0)
    res.push_back({"rate alone", where, with.name,
                   static_cast<double>(with.operations) / time, "ops/s"});
  return res;
}

// -- one file system ----------------------------------------------------------

/// Measures 32 floods of an actor without a queue, to show how long a client
/// waits for CAF alone.
std::vector<row> measure_bare(const options& opts, const std::string& where,
                              const std::string& path) {
  std::string name = "32 floods of a bare actor";
  if (!opts.admits(name))
    return {};
  flood_amount floods{.clients = 32,
                      .operations = 20 * flood_window,
                      .window = flood_window,
                      .head_start = flood_head_start};
  host own{opts.scheduler, settings_of(opts)};
  waiting_times times;
  for (size_t i = 0; i < opts.fairness_rounds; ++i)
    times.add_round(wait_beside_bare_floods(
      own.system(), path, floods, {opts.fairness_samples, longest_round}));
  auto res = waiting_rows(where, "beside " + name, times);
  print(res);
  return res;
}

/// Measures all neighbours on one file system.
std::vector<row> measure_waiting(const options& opts, const std::string& where,
                                 const std::string& parent) {
  neighbourhood around{parent, amount_of(opts)};
  auto neighbours = around.all();
  std::erase_if(neighbours,
                [&](const auto& x) { return !opts.admits(x.name); });
  host own{opts.scheduler, settings_of(opts)};
  measured_queue local{own.system(), own.queue(), around.small_file(),
                       own.queue()};
  waiting_times idle;
  std::vector<waiting_times> beside(neighbours.size());
  interleave(opts.fairness_rounds, neighbours.size() + 1, [&](size_t i) {
    if (i == neighbours.size()) {
      idle.add_round(ask(opts, local));
    } else if (!neighbours[i].is_remote) {
      measure_beside(opts, local, neighbours[i], beside[i]);
    } else {
      // It ends with the round, so that its threads disturb no other neighbour.
      loopback_node node{opts, around.directory()};
      measured_queue served{node.server(), node.local(),
                            neighbourhood::small_name, node.remote()};
      measure_beside(opts, served, neighbours[i], beside[i]);
    }
  });
  auto res = waiting_rows(where, "idle queue", idle);
  print(res);
  for (size_t i = 0; i < neighbours.size(); ++i) {
    auto rows = rows_beside(where, neighbours[i], beside[i], median(idle.p99));
    print(rows);
    res.insert(res.end(), rows.begin(), rows.end());
  }
  auto bare = measure_bare(opts, where, around.small_file());
  res.insert(res.end(), bare.begin(), bare.end());
  return res;
}

} // namespace

std::vector<row> measure_fairness(const options& opts) {
  if (!opts.wants("fairness"))
    return {};
  auto res = measure_waiting(opts, "tmpfs", opts.tmpfs);
  auto more = measure_waiting(opts, "disk", opts.disk);
  res.insert(res.end(), more.begin(), more.end());
  return res;
}

} // namespace bench
