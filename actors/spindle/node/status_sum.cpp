#include "spindle/node/status_sum.hpp"

#include <algorithm>

namespace spindle {

void add(queue_status& sum, const queue_status& x) {
  for (auto member :
       {&queue_status::pending, &queue_status::running,
        &queue_status::delivering, &queue_status::pending_bytes,
        &queue_status::succeeded, &queue_status::failed,
        &queue_status::bytes_written, &queue_status::bytes_read,
        &queue_status::units, &queue_status::high_water,
        &queue_status::callbacks_threw, &queue_status::disk_actors_replaced,
        &queue_status::writers, &queue_status::writers_finished,
        &queue_status::writers_failed})
    sum.*member += x.*member;
  for (const auto& count : x.operations) {
    auto i = std::find_if(
      sum.operations.begin(), sum.operations.end(),
      [&](const auto& y) { return y.operation == count.operation; });
    if (i == sum.operations.end())
      i = sum.operations.insert(i, {count.operation});
    i->succeeded += count.succeeded;
    i->failed += count.failed;
  }
  sum.turns.resize(std::max(sum.turns.size(), x.turns.size()));
  for (size_t i = 0; i < x.turns.size(); ++i)
    sum.turns[i] += x.turns[i];
  if (sum.units > 0)
    sum.mean_unit = static_cast<double>(sum.succeeded + sum.failed)
                  / static_cast<double>(sum.units);
}

} // namespace spindle
