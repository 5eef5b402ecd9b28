#include "spindle/queue/totals.hpp"

#include <algorithm>
#include <functional>

namespace spindle {

namespace {

template <size_t N>
void add(std::array<uint64_t, N>& to, const std::array<uint64_t, N>& x) {
  std::transform(to.begin(), to.end(), x.begin(), to.begin(), std::plus{});
}

} // namespace

totals& totals::operator+=(const totals& x) {
  jobs += x.jobs;
  ops += x.ops;
  bytes += x.bytes;
  bytes_written += x.bytes_written;
  bytes_read += x.bytes_read;
  callbacks_threw += x.callbacks_threw;
  add(succeeded, x.succeeded);
  add(failed, x.failed);
  return *this;
}

} // namespace spindle
