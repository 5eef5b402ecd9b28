// How much of the device a queue uses: the section depth.
#include "depth/parts.hpp"
#include "sections.hpp"

namespace bench {

std::vector<row> measure_depth(const options& opts) {
  if (!opts.wants("depth"))
    return {};
  std::vector<row> res;
  for (auto measure : {depth::measure_cold_reads, depth::measure_durable_writes,
                       depth::measure_trees, depth::measure_writers,
                       depth::measure_idle_latency}) {
    auto rows = measure(opts);
    res.insert(res.end(), rows.begin(), rows.end());
  }
  return res;
}

} // namespace bench
