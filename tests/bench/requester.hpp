// An actor that keeps a number of requests in flight.
#pragma once

#include "workload.hpp"

#include "spindle/queue.hpp"

#include <algorithm>
#include <exception>
#include <future>
#include <stdexcept>
#include <utility>

namespace bench {

// -- answers ------------------------------------------------------------------

template <class Request>
struct answer_of {
  using type = typename Request::output;
};

template <>
struct answer_of<spindle::oplist> {
  using type = spindle::oplist_report;
};

/// Returns whether an answer is what a workload expects.
inline bool as_expected(bool exists) {
  return exists;
}

inline bool as_expected(const spindle::buffer& content) {
  return content.size() >= file_size;
}

inline bool as_expected(const spindle::outcome& x) {
  if (!x.result)
    return false;
  if (auto* exists = std::get_if<bool>(&*x.result))
    return as_expected(*exists);
  if (auto* content = std::get_if<spindle::buffer>(&*x.result))
    return as_expected(*content);
  return true;
}

inline bool as_expected(const spindle::oplist_report& report) {
  return std::all_of(report.entries.begin(), report.entries.end(),
                     [](const spindle::report_entry& entry) {
                       return as_expected(
                         std::get<spindle::outcome>(entry.value));
                     });
}

// -- the actor ----------------------------------------------------------------

/// Sends `count` requests to an actor and has at most `window` of them in
/// flight. Each answer is followed by the next request. `Make` returns the
/// `i`th request.
template <class Handle, class Make>
class requester_state {
public:
  using request = std::invoke_result_t<Make, size_t>;
  using answer = typename answer_of<request>::type;

  requester_state(cafx::self_ptr<spindle::callback> self, Handle to, Make make,
                  size_t count, size_t window, std::promise<void> done)
      : self_(self),
        to_(std::move(to)),
        make_(std::move(make)),
        count_(count),
        window_(std::min(window, count)),
        done_(std::move(done)) {}

  spindle::callback::behavior_type make_behavior() {
    while (sent_ < window_)
      send_next();
    return {
      [](const spindle::outcome&) -> caf::result<void> { return caf::unit; },
    };
  }

private:
  void send_next() {
    auto sent = self_->mail(make_(sent_++)).request(to_, cafx::infinite);
    auto on_error = [this](const caf::error& why) {
      fail(cafx::render(self_->system(), why));
    };
    if constexpr (std::is_same_v<answer, spindle::done>)
      std::move(sent).then([this] { on_answer(); }, on_error);
    else
      std::move(sent).then(
        [this](const answer& x) {
          if (as_expected(x))
            on_answer();
          else
            fail("an unexpected answer");
        },
        on_error);
  }

  void on_answer() {
    if (sent_ < count_)
      send_next();
    if (++answered_ == count_)
      end([this] { done_.set_value(); });
  }

  void fail(const std::string& why) {
    end([&] {
      done_.set_exception(std::make_exception_ptr(std::runtime_error{why}));
    });
  }

  /// Calls `tell`, unless this actor has ended before, and ends it.
  template <class Tell>
  void end(Tell tell) {
    if (!std::exchange(ended_, true))
      tell();
    self_->quit();
  }

  cafx::self_ptr<spindle::callback> self_;
  Handle to_;
  Make make_;
  size_t count_;
  size_t window_;
  std::promise<void> done_;
  bool ended_ = false;
  size_t sent_ = 0;
  size_t answered_ = 0;
};

/// Has an actor send `count` requests, at least one.
/// @returns what is ready when all are answered, and throws
///          `std::runtime_error` if one failed.
template <class Handle, class Make>
std::future<void> start_requests(caf::actor_system& sys, const Handle& to,
                                 Make make, size_t count, size_t window) {
  std::promise<void> promise;
  auto done = promise.get_future();
  sys.spawn<cafx::actor_of<requester_state<Handle, Make>>>(
    to, std::move(make), count, window, std::move(promise));
  return done;
}

/// Has an actor send requests and waits until all are answered.
/// @throws std::runtime_error if one fails.
template <class Handle, class Make>
void run_requests(caf::actor_system& sys, const Handle& to, Make make,
                  size_t count, size_t window) {
  start_requests(sys, to, std::move(make), count, window).get();
}

/// The same with lists of `length` requests, `window` lists at once.
template <class Handle, class Make>
void run_lists(caf::actor_system& sys, const Handle& to, Make make,
               size_t count, size_t length, size_t window) {
  auto make_list = [make = std::move(make), count, length](size_t i) {
    spindle::oplist list;
    auto end = std::min((i + 1) * length, count);
    for (auto k = i * length; k < end; ++k)
      list.add(make(k));
    return list;
  };
  run_requests(sys, to, make_list, (count + length - 1) / length, window);
}

// -- workloads ----------------------------------------------------------------

/// Calls `fun` with a function that makes the operation for the `i`th file.
template <class Fun>
void with_maker(const workload& work, Fun fun) {
  switch (work.what()) {
    case action::exists:
      fun([&](size_t i) { return spindle::file_exists{.path = work.path(i)}; });
      break;
    case action::write:
      fun([&, data = spindle::buffer{work.content()}](size_t i) {
        return spindle::file_write{.path = work.path(i), .data = data};
      });
      break;
    case action::read:
      fun([&](size_t i) {
        return spindle::file_read{.path = work.path(i), .length = file_size};
      });
      break;
    case action::remove:
      fun([&](size_t i) { return spindle::file_delete{.path = work.path(i)}; });
      break;
    case action::rename:
      fun([&](size_t i) {
        return spindle::file_rename{.path = work.path(i),
                                    .target = work.target(i)};
      });
      break;
  }
}

/// Requests each operation of a workload from an actor, `window` at once.
template <class Handle>
void request_singly(caf::actor_system& sys, const Handle& to,
                    const workload& work, size_t window) {
  with_maker(
    work, [&](auto make) { run_requests(sys, to, make, work.ops(), window); });
}

/// Requests the operations of a workload from an actor in lists of `length`,
/// `window` lists at once.
template <class Handle>
void request_in_lists(caf::actor_system& sys, const Handle& to,
                      const workload& work, size_t length, size_t window) {
  with_maker(work, [&](auto make) {
    run_lists(sys, to, make, work.ops(), length, window);
  });
}

} // namespace bench
