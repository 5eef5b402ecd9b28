#include "spindle/ledger.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace spindle {

namespace {

template <size_t N>
void add(std::array<uint64_t, N>& to, const std::array<uint64_t, N>& x) {
  std::transform(to.begin(), to.end(), x.begin(), to.begin(), std::plus{});
}

} // namespace

delivered& delivered::operator+=(const delivered& x) {
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

bool ledger::note(const disk_report& x) {
  std::lock_guard guard{mutex_};
  auto& all = page_.reports;
  auto i = std::find_if(all.begin(), all.end(),
                        [&](const auto& y) { return y.id == x.id; });
  if (i == all.end()) {
    all.push_back(x);
  } else {
    i->ready = i->ready || x.ready;
    i->taken = x.taken;
    i->turns += x.turns;
    i->executed += x.executed;
  }
  return mark();
}

bool ledger::note(const delivered& x) {
  std::lock_guard guard{mutex_};
  page_.results += x;
  return mark();
}

bool ledger::read(ledger_page& into) {
  if (!unread_)
    return false;
  into.results = {};
  into.reports.clear();
  std::lock_guard guard{mutex_};
  std::swap(page_, into);
  unread_ = false;
  return true;
}

bool ledger::await() {
  std::lock_guard guard{mutex_};
  awaited_ = !unread_;
  return awaited_;
}

bool ledger::mark() {
  unread_ = true;
  return std::exchange(awaited_, false);
}

} // namespace spindle
