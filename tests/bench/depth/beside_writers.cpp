// What operations wait beside background writers, and what a writer reaches.
#include "depth/page_cache.hpp"
#include "depth/parts.hpp"
#include "files.hpp"
#include "host.hpp"
#include "pinger.hpp"
#include "statistics.hpp"
#include "stream.hpp"
#include "workload.hpp"
#include "writers.hpp"

#include "temp_dir.hpp"

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bench::depth {

namespace {

constexpr size_t writer_count = 10;

/// Ten writers of the slowest profile, which write until this is destroyed.
class slow_writers {
public:
  slow_writers(const options& opts, host& where)
      : where_(where), home_(opts.disk) {
    const auto& slowest = spindle::built_in_profiles().back();
    // More than they can write meanwhile.
    auto data = stream_of(opts.stream_bytes, slowest.chunk_size);
    for (size_t i = 0; i < writer_count; ++i)
      all_.push_back(where_.queue().write({.path = home_ / std::to_string(i),
                                           .data = data,
                                           .profile = slowest.name}));
  }

  slow_writers(const slow_writers&) = delete;

  slow_writers& operator=(const slow_writers&) = delete;

  ~slow_writers() {
    cancel_all(where_, all_);
  }

private:
  host& where_;
  kit::temp_dir home_;
  std::vector<spindle::writer_actor> all_;
};

/// What a client asks again and again.
struct question {
  std::string name;
  std::function<void(samples& into)> ask;
};

std::vector<question> questions(const options& opts, host& where,
                                const std::vector<std::string>& files) {
  auto to = where.queue().supervisor();
  return {
    {"exists",
     [&opts, &where, &files, to](samples& into) {
       ping_from_actor(where.system(), to, files.front(), {opts.depth.samples},
                       into);
     }},
    {"read",
     [&where, &files, to](samples& into) {
       read_from_actor(where.system(), to, files, into);
     }},
  };
}

std::vector<row> measure_question(const options& opts, host& where,
                                  const std::string& directory,
                                  const question& what) {
  // Of each round, on an idle queue and beside the writers.
  std::array<samples, 2> p99;
  interleave(opts.depth.writer_rounds, p99.size(), [&](size_t i) {
    make_cold(directory, best_eviction(opts.depth.drop_caches));
    std::optional<slow_writers> beside;
    if (i == 1)
      beside.emplace(opts, where);
    samples waited;
    what.ask(waited);
    p99[i].push_back(quantile(waited, 0.99));
  });
  std::vector<row> res;
  const std::array names{"idle queue", "beside ten of profile 10"};
  for (size_t i = 0; i < p99.size(); ++i)
    res.push_back({.measure = "p99 " + what.name,
                   .where = "disk",
                   .who = names[i],
                   .value = median(p99[i]),
                   .unit = "us",
                   .of_peer = median_ratio(p99[i], p99[0])});
  print(res);
  return res;
}

std::vector<row> measure_waiting(const options& opts, host& where) {
  kit::temp_dir home{opts.disk};
  std::vector<std::string> files;
  for (size_t i = 0; i < opts.depth.samples; ++i) {
    files.push_back(home / std::to_string(i));
    write_file(files.back(), file_size);
  }
  std::vector<row> res;
  for (const auto& what : questions(opts, where, files))
    if (opts.depth.wants("writers " + what.name)) {
      auto rows = measure_question(opts, where, home.path(), what);
      res.insert(res.end(), rows.begin(), rows.end());
    }
  return res;
}

} // namespace

std::vector<row> measure_writers(const options& opts) {
  host where{opts.scheduler, settings_of(opts)};
  std::vector<row> res;
  if (opts.depth.wants("writers exists") || opts.depth.wants("writers read")) {
    print_title("exists, and a cold read of 4 KiB, beside ten writers. The "
                "peer is an idle queue; the aim is twice what it has.");
    res = measure_waiting(opts, where);
  }
  if (opts.depth.wants("writers stream")) {
    print_title("One writer of profile 1. The aim: 0.95 of bare.");
    auto how = opts;
    how.rounds = opts.depth.rounds;
    auto rows = measure_rate(how, where, {"disk", opts.disk});
    print(rows);
    res.insert(res.end(), rows.begin(), rows.end());
  }
  return res;
}

} // namespace bench::depth
