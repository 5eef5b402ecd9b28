#include "spindle/client.hpp"

#include "spindle/message/internal/queue.hpp"

#include <algorithm>
#include <future>
#include <stdexcept>
#include <utility>

namespace spindle {

namespace {

/// A longer time, added to the present, may be out of the range of the clock.
constexpr auto longest_wait = caf::timespan{std::chrono::hours{24 * 365}};

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

client::client(queue q, caf::timespan timeout)
    : queue_(std::move(q)),
      supervisor_(queue_.supervisor()),
      timeout_(timeout),
      self_(std::make_unique<cafx::scoped_actor>(queue_.system())) {}

client::~client() = default;

// -- blocking calls -----------------------------------------------------------

caf::expected<output> client::run_watched(
  operation op,
  const std::function<void(const operation_progress&)>& on_progress,
  caf::timespan interval) {
  using std::chrono::steady_clock;
  if (interval <= caf::timespan::zero())
    throw std::invalid_argument{"spindle: cannot run an operation with "
                                "progress: the interval must be greater than "
                                "0"};
  auto begin = steady_clock::now();
  auto left
    = [&] { return timeout_ - caf::timespan{steady_clock::now() - begin}; };
  auto name = name_of(op);
  auto path = path_of(op);
  auto done = std::make_shared<std::promise<answer>>();
  auto pending = done->get_future();
  // Only the queue has the promise. If an actor is killed that should keep it,
  // it is broken.
  local_callback tell{
    [done = std::move(done)](const outcome& x) { done->set_value(x.result); }};
  auto which = (*self_)
                 ->mail(std::move(op), std::move(tell))
                 .request(queue_.front(), timeout_)
                 .receive();
  if (!which)
    return explain(std::move(which.error()), name, path);
  while (pending.wait_for(std::min({interval, left(), longest_wait}))
         != std::future_status::ready) {
    auto rest = left();
    if (rest <= caf::timespan::zero())
      return explain(caf::sec::request_timeout, name, path);
    // Without an answer, the operation is about to be done.
    if (auto now = (*self_)
                     ->mail(get_progress{*which})
                     .request(supervisor_, rest)
                     .receive())
      on_progress(*now);
  }
  try {
    auto res = pending.get();
    if (!res)
      return to_error(std::move(res.error()));
    return *std::move(res);
  } catch (const std::future_error&) {
    return explain(caf::sec::request_receiver_down, name, path);
  }
}

caf::expected<oplist_report> client::run(oplist list) {
  return explained(
    (*self_)->mail(std::move(list)).request(supervisor_, timeout_).receive(),
    "oplist");
}

caf::expected<bool> client::cancel(ticket which) {
  return explained((*self_)
                     ->mail(spindle::cancel{which})
                     .request(supervisor_, timeout_)
                     .receive(),
                   "cancel");
}

caf::expected<operation_progress> client::progress(ticket which) {
  return explained((*self_)
                     ->mail(get_progress{which})
                     .request(supervisor_, timeout_)
                     .receive(),
                   get_progress::type_name);
}

caf::expected<queue_status> client::status() {
  return explained(
    (*self_)->mail(get_status{}).request(supervisor_, timeout_).receive(),
    "get_status");
}

caf::expected<shutdown_report>
client::shutdown(std::optional<caf::timespan> deadline) {
  return explained((*self_)
                     ->mail(spindle::shutdown{deadline})
                     .request(supervisor_, cafx::infinite)
                     .receive(),
                   "shutdown");
}

// -- writers ------------------------------------------------------------------

writer_actor client::write(write_job job, writer_terms terms) {
  if (!terms.after)
    terms.after = in_lane{{(*self_)->id()}};
  return queue_.write(std::move(job), std::move(terms));
}

caf::expected<writer_status> client::wait(const writer_actor& writer) {
  auto res
    = (*self_)->mail(await_writer{}).request(writer, cafx::infinite).receive();
  if (res || failure_of(res.error()))
    return res;
  res = recall(writer);
  if (res && res->error)
    res = to_error(*res->error);
  return res;
}

caf::expected<writer_status> client::status(const writer_actor& writer) {
  auto res = (*self_)->mail(get_status{}).request(writer, timeout_).receive();
  if (res || failure_of(res.error()))
    return res;
  if (res.error() == caf::sec::request_timeout)
    return explained(std::move(res), "get_status");
  return recall(writer);
}

caf::expected<writer_status> client::recall(const writer_actor& writer) {
  auto res = (*self_)
               ->mail(recall_writer{writer})
               .request(supervisor_, timeout_)
               .receive();
  if (res || failure_of(res.error())
      || res.error() == caf::sec::request_timeout)
    return explained(std::move(res), "recall_writer");
  // A writer tells the queue of its end before it goes. So it was killed, and
  // the queue does not know yet, or the queue is gone as well.
  return to_error(failure{.code = errc::writer_lost,
                          .operation = stream_step_name,
                          .detail = "nobody knows how the writer ended"});
}

// -- callbacks ----------------------------------------------------------------

caf::expected<ticket> client::submit(operation op,
                                     std::function<void(const outcome&)> fun) {
  auto name = name_of(op);
  auto path = path_of(op);
  return explained((*self_)
                     ->mail(std::move(op), local_callback{std::move(fun)})
                     .request(queue_.front(), timeout_)
                     .receive(),
                   name, path);
}

caf::expected<ticket>
client::submit(oplist list, std::function<void(const oplist_report&)> fun) {
  return explained(
    (*self_)
      ->mail(std::move(list), local_list_callback{std::move(fun)})
      .request(queue_.front(), timeout_)
      .receive(),
    "oplist");
}

// -- errors -------------------------------------------------------------------

caf::error client::explain(caf::error why, std::string_view operation,
                           const std::string& path) {
  failure res{.operation = std::string{operation}, .path = path};
  if (why == caf::sec::request_timeout) {
    res.code = errc::timed_out;
    res.detail = "no answer in time; it may still be done";
  } else if (why == caf::sec::request_receiver_down) {
    res.code = errc::shut_down;
    res.detail = "the queue has ended";
  } else {
    return why;
  }
  return to_error(std::move(res));
}

template <class Result>
Result client::explained(Result res, std::string_view operation,
                         const std::string& path) {
  if (!res)
    res.error() = explain(std::move(res.error()), operation, path);
  return res;
}

} // namespace spindle
