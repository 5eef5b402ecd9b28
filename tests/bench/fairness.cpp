// How long one client waits for little while others ask for much.
#include "neighbours.hpp"
#include "pinger.hpp"
#include "sections.hpp"
#include "statistics.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>
#include <utility>

namespace bench {

namespace {

/// Keeps a queue busy with work until destroyed.
class busy {
public:
  busy(const spindle::queue& q, const neighbour& with) {
    for (size_t i = 0; i < with.clients; ++i)
      threads_.emplace_back([this, q, &with] {
        while (!stop_)
          with.work(q);
      });
  }

  busy(const busy&) = delete;

  ~busy() {
    stop_ = true;
    for (auto& thread : threads_)
      thread.join();
  }

private:
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

std::vector<row> rows_of(const std::string& where, const std::string& beside,
                         const samples& waited, const samples& alone) {
  auto name = "exists beside " + beside;
  auto max = *std::max_element(waited.begin(), waited.end());
  std::vector<row> res{
    {"p50 of " + name, where, "Spindle", median(waited), "us"},
    {"p99 of " + name, where, "Spindle", quantile(waited, 0.99), "us"},
    {"maximum of " + name, where, "Spindle", max, "us"},
  };
  if (!alone.empty())
    res.push_back(
      {"time of " + beside + ", alone", where, "Spindle", median(alone), "s"});
  return res;
}

std::vector<row> measure(const options& opts, const std::string& where,
                         const std::string& dir) {
  neighbourhood around{dir,
                       {.file_bytes = opts.fairness_bytes,
                        .one_operation_bytes = opts.fairness_bytes / 4,
                        .tree_files = 10'000,
                        .entries = 100'000}};
  host all{opts.scheduler, settings_of(opts)};
  auto neighbours = around.all();
  std::erase_if(neighbours,
                [&](const auto& x) { return !opts.admits(x.name); });
  auto ping = [&](samples& into) {
    ping_from_actor(all, all.queue().supervisor(), around.small_file(),
                    opts.fairness_samples, into);
  };
  // The last is nobody.
  std::vector<samples> waited(neighbours.size() + 1);
  std::vector<samples> alone(neighbours.size());
  interleave(opts.fairness_rounds, waited.size(), [&](size_t i) {
    if (i == neighbours.size()) {
      ping(waited[i]);
      return;
    }
    alone[i].push_back(seconds([&] { neighbours[i].work(all.queue()); }));
    busy others{all.queue(), neighbours[i]};
    ping(waited[i]);
  });
  auto res = rows_of(where, "nobody", waited.back(), {});
  print(res);
  for (size_t i = 0; i < neighbours.size(); ++i) {
    auto rows = rows_of(where, neighbours[i].name, waited[i], alone[i]);
    print(rows);
    res.insert(res.end(), rows.begin(), rows.end());
  }
  return res;
}

} // namespace

std::vector<row> measure_fairness(const options& opts) {
  if (!opts.wants("fairness"))
    return {};
  auto res = measure(opts, "tmpfs", opts.tmpfs);
  auto more = measure(opts, "disk", opts.disk);
  res.insert(res.end(), more.begin(), more.end());
  return res;
}

} // namespace bench
