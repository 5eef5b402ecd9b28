#include "depth/compare.hpp"

#include "statistics.hpp"

#include <algorithm>
#include <iterator>

namespace bench::depth {

namespace {

/// Indices of the contestants that all are compared with.
constexpr size_t bare_index = 0;
constexpr size_t libuv_4_index = 1;
constexpr size_t libuv_64_index = 2;

/// Large files are counted in bytes.
constexpr size_t large = size_t{1} << 20;

} // namespace

contest::contest(const options& opts, std::vector<contestant> own)
    : rounds_(opts.depth.rounds),
      all_{bare_calls(), libuv_peer(4, window), libuv_peer(64, window)} {
  std::copy_if(own.begin(), own.end(), std::back_inserter(all_),
               [&](const auto& x) { return opts.admits(x.name); });
}

std::vector<row> contest::run(const file_task& task, const std::string& measure,
                              const std::string& where) const {
  make_files(task);
  std::vector<samples> times(all_.size());
  interleave(rounds_, all_.size(),
             [&](size_t i) { times[i].push_back(all_[i].time(task)); });
  auto amount = static_cast<double>(task.count);
  if (task.bytes >= large)
    amount *= static_cast<double>(task.bytes) / 1e6;
  std::vector<row> res;
  for (size_t i = 0; i < all_.size(); ++i)
    res.push_back(
      {.measure = measure,
       .where = where,
       .who = all_[i].name,
       .value = amount / median(times[i]),
       .unit = task.bytes >= large ? "MB/s" : "ops/s",
       .of_bare = median_ratio(times[bare_index], times[i]),
       .of_libuv = median_ratio(times[libuv_4_index], times[i]),
       .of_libuv_64 = median_ratio(times[libuv_64_index], times[i])});
  print(res);
  return res;
}

} // namespace bench::depth
