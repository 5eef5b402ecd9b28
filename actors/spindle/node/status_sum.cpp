#include "spindle/node/status_sum.hpp"

#include <algorithm>
#include <cstdint>
#include <type_traits>

namespace spindle {

namespace {

/// Adds every number that is a count.
void add_counts(queue_status& sum, const queue_status& x) {
  auto add_field = [&](const auto& f) {
    if constexpr (std::is_same_v<decltype(f.member), uint64_t queue_status::*>)
      sum.*f.member += x.*f.member;
  };
  std::apply([&](const auto&... f) { (add_field(f), ...); },
             queue_status::fields);
}

/// Returns how many operations all turns of a queue had.
double operations_in_turns(const queue_status& x) {
  return x.mean_unit * static_cast<double>(x.units);
}

} // namespace

void add(queue_status& sum, const queue_status& x) {
  auto operations = operations_in_turns(sum) + operations_in_turns(x);
  add_counts(sum, x);
  sum.engine = std::max(sum.engine, x.engine);
  if (sum.units > 0)
    sum.mean_unit = operations / static_cast<double>(sum.units);
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
}

} // namespace spindle
