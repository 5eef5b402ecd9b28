// Background writers, on tmpfs and on the disk.
#include "writers.hpp"

#include "sections.hpp"

namespace bench {

std::vector<row> measure_writers(const options& opts) {
  std::vector<row> res;
  using measure = std::vector<row> (*)(const options&, host&, const place&);
  struct part {
    std::string name;
    measure run;
    bool detach;
  };
  const std::vector<part> parts{
    {"writers throughput", measure_rate, false},
    {"writers duty", measure_duty, false},
    {"writers crowd", measure_crowd, false},
    {"writers latency", measure_beside_writers, true}};
  for (const auto& at : {place{"tmpfs", opts.tmpfs}, place{"disk", opts.disk}})
    for (const auto& what : parts)
      if (opts.wants(what.name)) {
        auto bounds = settings_of(opts);
        bounds.detach_all = bounds.detach_all || what.detach;
        host where{opts.scheduler, bounds};
        auto rows = what.run(opts, where, at);
        print(rows);
        res.insert(res.end(), rows.begin(), rows.end());
      }
  if (opts.wants("writers ends")) {
    auto rows = measure_ends(opts);
    res.insert(res.end(), rows.begin(), rows.end());
  }
  return res;
}

} // namespace bench
