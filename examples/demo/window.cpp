#include "window.hpp"

#include <atomic>
#include <utility>

namespace demo {

namespace {

std::atomic<bool> interruption = false;
static_assert(std::atomic<bool>::is_always_lock_free);

template <class Fun>
void for_each_outcome(const spindle::oplist_report& report, const Fun& fun) {
  for (const auto& x : report.entries)
    if (auto* nested = std::get_if<spindle::oplist_report>(&x.value))
      for_each_outcome(*nested, fun);
    else
      fun(std::get<spindle::outcome>(x.value));
}

} // namespace

void interrupt() noexcept {
  interruption = true;
}

void throw_if_interrupted() {
  if (interruption)
    throw interrupted{};
}

window::~window() {
  std::unique_lock guard{mutex_};
  released_.wait(guard, [this] { return in_flight_ == 0; });
}

void window::submit(spindle::operation op, on_outcome fun) {
  auto deliver = [this, fun = std::move(fun)](const spindle::outcome& x) {
    fun(x);
    ++tally_.operations;
    release();
  };
  admit([&] {
    auto res = disk_.submit(std::move(op), deliver);
    return res ? caf::error{} : std::move(res.error());
  });
}

void window::submit(spindle::oplist list, on_outcome fun) {
  auto deliver
    = [this, fun = std::move(fun)](const spindle::oplist_report& report) {
        for_each_outcome(report, fun);
        tally_.operations += report.size();
        release();
      };
  admit([&] {
    auto res = disk_.submit(std::move(list), deliver);
    return res ? caf::error{} : std::move(res.error());
  });
}

void window::complain(std::string what) {
  ++tally_.failed;
  tally_.problems.push_back(std::move(what));
}

void window::tolerate() {
  ++tally_.failed;
}

tally window::finish() {
  std::unique_lock guard{mutex_};
  released_.wait(guard, [this] { return in_flight_ == 0; });
  return std::move(tally_);
}

void window::admit(const std::function<caf::error()>& send) {
  {
    std::unique_lock guard{mutex_};
    released_.wait(guard, [this] { return in_flight_ < limit_; });
    throw_if_interrupted();
    ++in_flight_;
  }
  if (auto why = send(); cafx::failed(why)) {
    release();
    auto details = spindle::failure_of(why);
    throw std::runtime_error{
      "the queue did not take an operation: "
      + (details ? to_string(*details) : std::string{"no answer"})};
  }
}

void window::release() {
  // Notifies under the lock: afterwards, the window may be gone.
  std::lock_guard guard{mutex_};
  --in_flight_;
  released_.notify_one();
}

window::on_outcome must_succeed(window& w, window::on_outcome fun) {
  return [&w, fun = std::move(fun)](const spindle::outcome& x) {
    if (!x.result)
      w.complain(to_string(x.result.error()));
    else if (fun)
      fun(x);
  };
}

} // namespace demo
