// Operations per second.
#include "contestants.hpp"
#include "host.hpp"
#include "sections.hpp"
#include "statistics.hpp"

#include <algorithm>

namespace bench {

namespace {

/// Indices of the contestants that all others are compared with.
constexpr size_t bare_index = 0;
constexpr size_t libuv_index = 1;

constexpr size_t usual_window = 64;
constexpr size_t list_length = 100;

/// How often actions that change nothing are done to each file on tmpfs.
constexpr size_t repetitions = 8;

using contestants = std::vector<contestant>;

/// Spindle, and programs that do without it.
contestants all_contestants(const options& opts) {
  auto where = std::make_shared<host>(opts.scheduler, settings_of(opts));
  return {
    bare(),
    libuv(usual_window),
    libuv(1),
    threads_in_turns(list_length),
    bare_actor_requests(where, usual_window),
    bare_actor_oplists(where, list_length, 1),
    bare_actor_oplists(where, list_length, 4),
    single_requests(where, 1),
    single_requests(where, usual_window),
    single_requests(where, 1024),
    oplists(where, list_length, 1),
    oplists(where, list_length, 4),
  };
}

/// Queues that differ in the length of a turn.
contestants swept_contestants(const options& opts) {
  contestants res{bare(), libuv(usual_window)};
  for (size_t ops : {1, 4, 16, 64, 128, 256, 512, 1024}) {
    auto bounds = settings_of(opts);
    bounds.ops_per_turn = ops;
    auto where = std::make_shared<host>(opts.scheduler, bounds);
    auto name = std::to_string(ops) + " ops per turn";
    res.push_back(single_requests(where, usual_window, name));
    res.push_back(single_requests(where, 1024, name));
  }
  return res;
}

/// Actors that exchange messages, without a disk.
contestants message_contestants(const options& opts) {
  auto where = std::make_shared<host>(opts.scheduler, settings_of(opts));
  return {
    bare(),
    libuv(usual_window),
    messages(where, usual_window, false),
    messages(where, usual_window, true),
    messages(where, 1, true),
  };
}

/// A file system, and the number of files to use there.
struct file_system {
  std::string name;
  std::string directory;
  size_t files;
  size_t repetitions;
};

std::vector<file_system> places(const options& opts) {
  auto ops = opts.count * repetitions;
  return {
    {"tmpfs", opts.tmpfs, opts.count, repetitions},
    {"disk", opts.disk, opts.disk_count, (ops - 1) / opts.disk_count + 1},
  };
}

/// Drops the contestants that the user does not want to measure.
contestants admitted(const options& opts, contestants all) {
  auto first = all.begin() + libuv_index + 1;
  all.erase(std::remove_if(first, all.end(),
                           [&](const auto& x) { return !opts.admits(x.name); }),
            all.end());
  return all;
}

/// Has all contestants do one workload, in interleaved rounds.
std::vector<row> compare(const options& opts, const contestants& all,
                         const workload& work, const std::string& measure,
                         const std::string& where) {
  std::vector<samples> times(all.size());
  interleave(opts.rounds, all.size(), [&](size_t i) {
    work.prepare();
    times[i].push_back(seconds([&] { all[i].run(work); }));
  });
  std::vector<row> res;
  for (size_t i = 0; i < all.size(); ++i)
    res.push_back({measure, where, all[i].name,
                   static_cast<double>(work.ops()) / median(times[i]), "ops/s",
                   median_ratio(times[bare_index], times[i]),
                   median_ratio(times[libuv_index], times[i])});
  return res;
}

/// Drops the rows of contestants that other sections measure as well.
std::vector<row> without_references(std::vector<row> rows) {
  rows.erase(rows.begin(), rows.begin() + libuv_index + 1);
  return rows;
}

} // namespace

std::vector<row> measure_throughput(const options& opts) {
  std::vector<row> res;
  auto add = [&res](const std::vector<row>& rows) {
    print(rows);
    res.insert(res.end(), rows.begin(), rows.end());
  };
  auto all = admitted(opts, opts.sweep ? swept_contestants(opts)
                                       : all_contestants(opts));
  for (const auto& x : places(opts))
    for (auto what : all_actions)
      if (opts.wants(to_string(what) + " " + x.name))
        add(compare(opts, all,
                    workload{what, x.directory, x.files, x.repetitions},
                    to_string(what), x.name));
  if (opts.wants("messages"))
    add(without_references(
      compare(opts, message_contestants(opts),
              workload{action::exists, opts.tmpfs, opts.count, repetitions},
              "messages", "memory")));
  return res;
}

} // namespace bench
