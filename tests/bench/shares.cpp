// How evenly a queue divides the disk between floods.
#include "host.hpp"
#include "sections.hpp"
#include "statistics.hpp"
#include "steady_flood.hpp"

#include "temp_dir.hpp"

#include <chrono>
#include <cmath>
#include <fstream>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace bench {

namespace {

/// By how many percent a flood may be off the share that its weight gives.
constexpr double share_aim = 10;

/// Floods that share a queue, and their weights.
struct flood_group {
  std::string name;
  std::vector<unsigned> weights;

  bool is_weighted() const {
    return weights.front() != weights.back();
  }
};

std::vector<flood_group> all_groups() {
  auto equal = [](size_t count) {
    return flood_group{std::to_string(count) + " equal floods",
                       std::vector<unsigned>(count, 1)};
  };
  return {equal(2), equal(8), equal(32), {"floods of 1:2:4", {1, 2, 4}}};
}

/// How many operations each flood completed in one second.
using second = samples;

// -- measuring ----------------------------------------------------------------

std::vector<uint64_t> completed_by(const std::vector<steady_flood>& floods) {
  std::vector<uint64_t> res;
  for (const auto& flood : floods)
    res.push_back(flood.completed());
  return res;
}

/// Counts what each flood completes in each of the next seconds.
void count_seconds(const std::vector<steady_flood>& floods, size_t count,
                   std::vector<second>& into) {
  auto until = std::chrono::steady_clock::now();
  auto before = completed_by(floods);
  for (size_t i = 0; i < count; ++i) {
    until += std::chrono::seconds{1};
    std::this_thread::sleep_until(until);
    auto now = completed_by(floods);
    auto& found = into.emplace_back();
    for (size_t k = 0; k < floods.size(); ++k)
      found.push_back(static_cast<double>(now[k] - before[k]));
    before = std::move(now);
  }
}

/// Lets a group of floods read one file.
void run_floods(const options& opts, const spindle::queue& q,
                const std::string& path, const flood_group& who,
                std::vector<second>& into) {
  const spindle::operation read
    = spindle::file_read{.path = path, .length = opts.shares_bytes};
  std::vector<steady_flood> floods;
  floods.reserve(who.weights.size());
  for (auto weight : who.weights)
    floods.emplace_back(q, read, weight);
  // In the first second, the supervisor admits the first window of one flood
  // after the other.
  std::this_thread::sleep_for(std::chrono::seconds{1});
  count_seconds(floods, opts.shares_seconds, into);
  for (auto& flood : floods)
    flood.stop();
  for (auto& flood : floods)
    flood.finish();
}

// -- rows ---------------------------------------------------------------------

double sum_of(const samples& xs) {
  return std::accumulate(xs.begin(), xs.end(), 0.0);
}

/// Returns by how many percent each flood is off its share of a second.
samples deviations_of(const second& done,
                      const std::vector<unsigned>& weights) {
  auto per_weight
    = sum_of(done) / std::accumulate(weights.begin(), weights.end(), 0.0);
  if (per_weight == 0)
    throw std::runtime_error{"no operation of any flood completed in a second"};
  samples res;
  for (size_t i = 0; i < done.size(); ++i)
    res.push_back(100 * std::abs(done[i] / (per_weight * weights[i]) - 1));
  return res;
}

/// Compares floods with the first, whose weight is 1.
std::vector<row> ratio_rows(const std::string& where, const flood_group& who,
                            const std::vector<second>& found) {
  std::vector<row> res;
  for (size_t i = 1; i < who.weights.size(); ++i) {
    samples ratios;
    for (const auto& done : found)
      ratios.push_back(done[i] / done[0]);
    res.push_back({"share ratio", where,
                   "weight " + std::to_string(who.weights[i]) + " to weight 1",
                   median(ratios), "x"});
  }
  return res;
}

std::vector<row> share_rows(const std::string& where, const flood_group& who,
                            const std::vector<second>& found) {
  samples off;
  samples rates;
  for (const auto& done : found) {
    auto some = deviations_of(done, who.weights);
    off.insert(off.end(), some.begin(), some.end());
    rates.push_back(sum_of(done));
  }
  auto deviation = [&](const char* which, double value) {
    return row{.measure = "shares",
               .where = where,
               .who = who.name + ", " + which,
               .value = value,
               .unit = "% off",
               .aim = share_aim};
  };
  std::vector<row> res{
    deviation("median", median(off)),
    deviation("greatest", quantile(off, 1)),
    {"shares", where, who.name + ", together", median(rates), "ops/s"}};
  if (who.is_weighted()) {
    auto ratios = ratio_rows(where, who, found);
    res.insert(res.end(), ratios.begin(), ratios.end());
  }
  return res;
}

/// Measures all groups of floods on one file system.
std::vector<row> measure_groups(const options& opts, const std::string& where,
                                const std::string& parent) {
  kit::temp_dir home{parent};
  auto path = home / "file";
  if (!(std::ofstream{path} << std::string(opts.shares_bytes, 'x')).flush())
    throw std::runtime_error{"cannot write " + path};
  host own{opts.scheduler, settings_of(opts)};
  auto groups = all_groups();
  std::vector<std::vector<second>> found(groups.size());
  interleave(opts.fairness_rounds, groups.size(), [&](size_t i) {
    run_floods(opts, own.queue(), path, groups[i], found[i]);
  });
  std::vector<row> res;
  for (size_t i = 0; i < groups.size(); ++i) {
    auto rows = share_rows(where, groups[i], found[i]);
    print(rows);
    res.insert(res.end(), rows.begin(), rows.end());
  }
  return res;
}

} // namespace

std::vector<row> measure_shares(const options& opts) {
  if (!opts.wants("shares"))
    return {};
  auto res = measure_groups(opts, "tmpfs", opts.tmpfs);
  auto more = measure_groups(opts, "disk", opts.disk);
  res.insert(res.end(), more.begin(), more.end());
  return res;
}

} // namespace bench
