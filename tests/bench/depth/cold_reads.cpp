// Files that are not in the page cache.
#include "depth/compare.hpp"
#include "depth/parts.hpp"
#include "host.hpp"

#include "temp_dir.hpp"

#include <memory>
#include <string>

namespace bench::depth {

namespace {

struct read_case {
  std::string name;
  size_t files;
  size_t bytes;
  /// Whether many clients read, too.
  bool crowded;
};

std::vector<row> measure_reads(const options& opts, const read_case& x) {
  if (!opts.depth.wants("reads " + x.name))
    return {};
  kit::temp_dir home{opts.disk};
  auto where = std::make_shared<host>(opts.scheduler, settings_of(opts));
  std::vector own{one_client(where, window)};
  if (x.crowded)
    own.push_back(many_clients(where, window));
  return contest{opts, own}.run({.what = deed::read,
                                 .directory = home.path(),
                                 .count = x.files,
                                 .bytes = x.bytes,
                                 .cold = best_eviction(opts.depth.drop_caches)},
                                "cold " + x.name, "disk");
}

} // namespace

std::vector<row> measure_cold_reads(const options& opts) {
  if (!opts.depth.wants("reads 4 KiB") && !opts.depth.wants("reads 1 MiB"))
    return {};
  print_title(
    "Cold reads. The aims for 4 KiB: at window 64 1.2 of libuv and "
    "0.9 of libuv with 64 threads, 64 clients 1.0 of libuv; for 1 MiB "
    "1.0 of libuv.");
  auto res
    = measure_reads(opts, {"4 KiB", opts.depth.files, size_t{4} << 10, true});
  auto large = measure_reads(
    opts, {"1 MiB", opts.depth.large_files, size_t{1} << 20, false});
  res.insert(res.end(), large.begin(), large.end());
  return res;
}

} // namespace bench::depth
