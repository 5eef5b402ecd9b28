#include "shares.hpp"

#include <algorithm>
#include <cstddef>
#include <map>

namespace spindle::sim {

namespace {

/// Time that jobs without operations are charged, and rounding, in a history.
constexpr double unseen = 10'000;

/// Returns for each service whether `who` certainly had work from its beginning
/// to that of the next: a job that had been admitted and was executed later.
/// A job without operations may come in between, unseen.
std::vector<bool> times_with_work(const std::vector<service>& all,
                                  uint64_t who) {
  std::vector<bool> res(all.size());
  auto next = UINT64_MAX;
  for (auto i = all.size(); i-- > 0;) {
    res[i] = next <= all[i].admitted;
    if (all[i].who == who)
      next = std::min(next, all[i].number);
  }
  return res;
}

} // namespace

double greatest_lead(const std::vector<service>& all) {
  std::map<uint64_t, double> once;
  for (const auto& x : all)
    once[x.who] = std::max(once[x.who], x.time);
  double res = 0;
  for (auto [who, most] : once) {
    auto has_work = times_with_work(all, who);
    // Of each other over `who`, since any time from which `who` had work.
    std::map<uint64_t, double> leads;
    for (size_t i = 0; i < all.size(); ++i) {
      const auto& x = all[i];
      if (!has_work[i]) {
        leads.clear();
      } else if (x.who != who) {
        auto lead = leads[x.who] += x.time;
        res = std::max(res, (lead - unseen) / (most + once[x.who]));
      } else {
        for (auto& [other, lead] : leads)
          lead = std::max(0.0, lead - x.time);
      }
    }
  }
  return res;
}

} // namespace spindle::sim
