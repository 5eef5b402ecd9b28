// A tree that is copied and removed, by Spindle and by programs.
#include "depth/page_cache.hpp"
#include "depth/parts.hpp"
#include "depth/program.hpp"
#include "files.hpp"
#include "host.hpp"
#include "statistics.hpp"
#include "succeeded.hpp"

#include "temp_dir.hpp"

#include "spindle/client.hpp"

#include <array>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace bench::depth {

namespace {

/// Who copies and removes trees.
struct gardener {
  std::string copies;
  std::string removes;
  std::function<void(const std::string& from, const std::string& to)> copy;
  std::function<void(const std::string& path)> remove;
};

gardener programs() {
  return {"cp -r", "rm -r",
          [](const std::string& from, const std::string& to) {
            run_program({"cp", "-r", from, to});
          },
          [](const std::string& path) {
            run_program({"rm", "-r", path});
          }};
}

gardener spindle_client(spindle::client& client) {
  return {"Spindle", "Spindle",
          [&client](const std::string& from, const std::string& to) {
            succeeded(
              client.run(spindle::directory_copy{.path = from, .target = to}));
          },
          [&client](const std::string& path) {
            succeeded(client.run(spindle::directory_delete{.path = path}));
          }};
}

/// How long each took in each round.
struct tree_times {
  samples copy;
  samples remove;
};

void measure_round(const options& opts, const gardener& who,
                   const kit::temp_dir& home, tree_times& into) {
  auto cold = best_eviction(opts.depth.drop_caches);
  make_cold(home.path(), cold);
  into.copy.push_back(seconds([&] { who.copy(home / "tree", home / "copy"); }));
  make_cold(home.path(), cold);
  into.remove.push_back(seconds([&] { who.remove(home / "copy"); }));
}

row row_of(const options& opts, std::string measure, std::string who,
           const samples& times, const samples& peer) {
  return {.measure = std::move(measure),
          .where = "disk",
          .who = std::move(who),
          .value = static_cast<double>(opts.depth.tree_files) / median(times),
          .unit = "files/s",
          .of_peer = median_ratio(peer, times)};
}

} // namespace

std::vector<row> measure_trees(const options& opts) {
  if (!opts.depth.wants("trees"))
    return {};
  print_title("A cold tree of small files. The peers are cp -r and rm -r, as "
              "processes; the aims: twice as fast as cp, as fast as rm.");
  kit::temp_dir home{opts.disk};
  make_tree(home / "tree", opts.depth.tree_files);
  host where{opts.scheduler, settings_of(opts)};
  spindle::client client{where.queue(), std::chrono::minutes{5}};
  const std::array all{programs(), spindle_client(client)};
  std::array<tree_times, all.size()> times;
  interleave(opts.depth.rounds, all.size(),
             [&](size_t i) { measure_round(opts, all[i], home, times[i]); });
  std::vector<row> res;
  for (size_t i = 0; i < all.size(); ++i)
    res.push_back(
      row_of(opts, "copy a tree", all[i].copies, times[i].copy, times[0].copy));
  for (size_t i = 0; i < all.size(); ++i)
    res.push_back(row_of(opts, "delete a tree", all[i].removes, times[i].remove,
                         times[0].remove));
  print(res);
  return res;
}

} // namespace bench::depth
