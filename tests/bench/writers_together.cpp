// Many writers at once: whether they are fair, and how long others wait.
#include "pinger.hpp"
#include "statistics.hpp"
#include "stream.hpp"
#include "workload.hpp"
#include "writers.hpp"

#include "temp_dir.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

namespace bench {

namespace {

// -- a crowd ------------------------------------------------------------------

constexpr size_t crowd = 1000;

/// The size of a chunk, so small that each writer writes many chunks.
constexpr uint64_t crowd_chunk = uint64_t{16} << 10;

/// Has a thousand writers write at once, the same number of each profile. All
/// are chained to one writer, which is finished when all have been spawned. Its
/// end starts them.
/// @returns how many seconds each writer took, by the index of its profile.
std::map<size_t, samples> run_crowd(const options& opts, host& where,
                                    const std::string& directory) {
  kit::temp_dir home{directory};
  auto data = stream_of(opts.stream_bytes / crowd, crowd_chunk);
  auto gate = where.queue().write({.path = home / "gate", .open_ended = true});
  // The files exist and are empty. On ext4, creating a file takes longer after
  // many deletions, and closing a truncated file flushes it; then the last
  // writer would wait for all others.
  for (size_t i = 0; i < crowd; ++i)
    std::ofstream{home / std::to_string(i)};
  std::vector<spindle::writer_actor> writers;
  for (size_t i = 0; i < crowd; ++i)
    writers.push_back(where.queue().write(
      {.path = home / std::to_string(i),
       .mode = spindle::write_mode::update,
       .data = data,
       .profile
       = spindle::built_in_profiles()[i % spindle::built_in_profiles().size()]
           .name,
       .chain_after = gate}));
  finish(where, gate);
  auto all = await_all(where, writers);
  std::map<size_t, samples> res;
  for (size_t i = 0; i < crowd; ++i) {
    std::chrono::duration<double> took
      = *all[i].finished_after - *all[i].started_after;
    res[i % spindle::built_in_profiles().size()].push_back(took.count());
  }
  return res;
}

} // namespace

std::vector<row> measure_crowd(const options& opts, host& where,
                               const place& at) {
  std::map<size_t, samples> spreads;
  samples times;
  for (size_t round = 0; round < opts.duty_rounds; ++round) {
    double longest = 0;
    for (const auto& [i, ends] : run_crowd(opts, where, at.directory)) {
      auto [first, last] = std::minmax_element(ends.begin(), ends.end());
      spreads[i].push_back(*last / *first);
      longest = std::max(longest, *last);
    }
    times.push_back(longest);
  }
  std::vector<row> res{{"1000 writers", at.name, "all", median(times), "s"}};
  for (const auto& [i, found] : spreads)
    res.push_back({"1000 writers", at.name,
                   "profile " + spindle::built_in_profiles()[i].name
                     + ", longest / shortest",
                   median(found), "x"});
  return res;
}

std::vector<row> measure_beside_writers(const options& opts, host& where,
                                        const place& at) {
  constexpr size_t writers = 10;
  const auto& slowest = spindle::built_in_profiles().back();
  workload work{action::exists, at.directory, 1};
  work.prepare();
  kit::temp_dir home{at.directory};
  // More than the writers can write while the client asks.
  auto data = stream_of(opts.stream_bytes, slowest.chunk_size);
  std::array<samples, 2> times;
  interleave(opts.rounds, times.size(), [&](size_t i) {
    std::vector<spindle::writer_actor> beside;
    for (size_t k = 0; k < writers * i; ++k)
      beside.push_back(where.queue().write({.path = home / std::to_string(k),
                                            .data = data,
                                            .profile = slowest.name}));
    ping_from_actor(where.system(), where.queue().supervisor(), work.path(0),
                    {opts.samples}, times[i]);
    cancel_all(where, beside);
    // Otherwise the next writers would begin by truncating these files.
    for (size_t k = 0; k < beside.size(); ++k)
      std::filesystem::remove(home / std::to_string(k));
  });
  std::vector<row> res;
  const std::array<std::string, 2> names{"exists, idle queue",
                                         "exists, beside ten of 20 %"};
  using share = std::pair<std::string, double>;
  for (const auto& [name, part] : {share{"p50", 0.5}, share{"p99", 0.99}})
    for (size_t i = 0; i < times.size(); ++i)
      res.push_back(
        {"latency " + name, at.name, names[i], quantile(times[i], part), "us"});
  return res;
}

} // namespace bench
