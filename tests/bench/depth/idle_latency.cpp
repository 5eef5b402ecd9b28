// How long an actor waits for an idle queue.
#include "depth/parts.hpp"
#include "sections.hpp"

namespace bench::depth {

std::vector<row> measure_idle_latency(const options& opts) {
  if (!opts.depth.wants("latency"))
    return {};
  print_title("exists on an idle queue, from an actor, with two workers and "
              "\"sharing\". The aim: twice the p50 of libuv.");
  auto how = opts;
  how.only = {"latency"};
  how.who = {"actor, sharing"};
  how.latency_policies = {"sharing"};
  how.scheduler.workers = 2;
  return measure_latency(how);
}

} // namespace bench::depth
