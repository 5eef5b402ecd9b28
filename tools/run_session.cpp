#include "run_session.hpp"

#include "json_encode.hpp"

#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <limits>
#include <mutex>
#include <thread>
#include <utility>

namespace spindle::tool {

namespace {

/// How long outcomes may take that are on their way already.
constexpr auto grace = std::chrono::milliseconds{500};

template <class Integer>
Integer doubled(Integer x) {
  constexpr auto max = std::numeric_limits<Integer>::max();
  return x > max / 2 ? max : 2 * x;
}

/// Makes a queue that never refuses what the backlog lets in. An operation
/// leaves the backlog while its outcome is written, but the queue only when the
/// outcomes that were delivered with it are written, too: at most once the
/// limits again.
settings queue_settings(settings x) {
  x.max_pending_ops = doubled(x.max_pending_ops);
  x.max_pending_bytes = doubled(x.max_pending_bytes);
  // The callback actor writes to stdout, and the reader of that may be slow.
  x.detach_all = true;
  return x;
}

backlog_limits limits_of(const settings& x) {
  return {.operations = x.max_pending_ops,
          .payload_bytes = x.max_pending_bytes};
}

void flatten(const oplist_report& report, std::vector<outcome>& to) {
  for (const auto& entry : report.entries)
    if (auto* nested = std::get_if<oplist_report>(&entry.value))
      flatten(*nested, to);
    else
      to.push_back(std::get<outcome>(entry.value));
}

/// Returns whether the queue did not execute an operation, or died with it.
bool was_given_up(const outcome& x) {
  auto* why = x.why();
  return why
      && (why->code == errc::cancelled || why->code == errc::timed_out
          || why->code == errc::shut_down
          || why->code == errc::disk_actor_failed);
}

/// Returns an item for what is about to be submitted.
backlog_item_ptr make_item(work& what, size_t line_bytes) {
  auto res = std::make_shared<backlog_item>();
  res->headings = std::move(what.headings);
  res->operations = what.operations;
  res->payload_bytes = what.payload_bytes;
  res->memory_bytes = line_bytes + what.payload_bytes + what.answer_bytes;
  return res;
}

/// Makes room in a backlog, whatever happens.
class release_guard {
public:
  release_guard(backlog& owner, backlog_item& item)
      : owner_(owner), item_(item) {}

  release_guard(const release_guard&) = delete;

  release_guard& operator=(const release_guard&) = delete;

  ~release_guard() {
    owner_.release(item_);
  }

private:
  backlog& owner_;
  backlog_item& item_;
};

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

session::session(caf::actor_system& sys, const session_options& options,
                 stop_event& stop)
    : options_(options),
      stop_(stop),
      queue_(spawn_queue(sys, queue_settings(options.queue))),
      client_(queue_, cafx::infinite),
      backlog_(limits_of(options.queue)),
      reporter_(options.streams, [this] { abandon(); }) {}

// -- running ------------------------------------------------------------------

bool session::run(line_source& input) {
  try {
    while (auto line = input.next())
      if (!on_line(*line))
        break;
  } catch (const std::exception& why) {
    // A failing device, or a line that is too large for the memory. Whatever
    // was read before is done nevertheless.
    reporter_.input_failed(std::string{"cannot read the input: "} + why.what());
  }
  auto res = drain();
  reporter_.finish();
  return res;
}

void session::abandon() {
  stop_.request();
  cafx::anon_mail(shutdown{caf::timespan::zero()})
    .send(queue_.internal_supervisor());
}

void session::leave() {
  abandon();
  std::mutex mutex;
  std::condition_variable changed;
  auto reported = false;
  // In a thread of its own, because stdout may take nothing any more.
  std::thread{[&] {
    backlog_.wait_until_empty_for(grace);
    report_rest();
    reporter_.finish();
    std::unique_lock guard{mutex};
    reported = true;
    changed.notify_all();
  }}.detach();
  std::unique_lock guard{mutex};
  changed.wait_for(guard, 2 * grace, [&] { return reported; });
  std::_Exit(static_cast<int>(status()));
}

// -- lines --------------------------------------------------------------------

bool session::on_line(const input_line& line) {
  if (is_blank(line.text) && !line.too_long)
    return true;
  json input;
  try {
    if (line.too_long)
      throw bad_request{"", "a line within --max-line-bytes", "a longer one"};
    input = parse_json(line.text);
    auto what = decode_request(input);
    if (auto* end = std::get_if<shutdown_request>(&what)) {
      shutdown_ = std::move(*end);
      return false;
    }
    if (auto* some = std::get_if<work>(&what))
      submit(std::move(*some), line.text.size());
    else if (auto* which = std::get_if<cancel_request>(&what))
      answer(*which);
    else
      answer(std::get<status_request>(what));
    return true;
  } catch (const bad_request& why) {
    reporter_.bad_line(line.number, input, why);
    return !options_.strict;
  }
}

void session::submit(work what, size_t line_bytes) {
  auto item = make_item(what, line_bytes);
  backlog_.add(item);
  const auto& bounds = options_.queue;
  if (item->operations > bounds.max_pending_ops
      || item->payload_bytes > bounds.max_pending_bytes) {
    on_failure(item, {.code = errc::queue_full,
                      .operation = item->headings.back().action,
                      .detail = "it exceeds max_pending_ops or "
                                "max_pending_bytes by itself"});
    return;
  }
  caf::expected<ticket> res{ticket{}};
  if (auto* op = std::get_if<operation>(&what.what))
    res = client_.submit(std::move(*op), [this, item](const outcome& x) {
      on_outcomes(item, {x});
    });
  else
    res = client_.submit(std::get<oplist>(std::move(what.what)),
                         [this, item](const oplist_report& x) {
                           std::vector<outcome> outcomes;
                           flatten(x, outcomes);
                           on_outcomes(item, std::move(outcomes));
                         });
  if (res)
    backlog_.set_ticket(*item, *res);
  else
    on_failure(item, explain(res.error(), "submit"));
}

void session::answer(const cancel_request& what) {
  auto which = backlog_.find(what.id);
  auto res = which ? client_.cancel(*which) : caf::expected<bool>{false};
  if (res)
    reporter_.control(what.id, "cancel", true,
                      json::object({{"cancelled", *res}}));
  else
    reporter_.control(what.id, "cancel", false,
                      encode_failure(explain(res.error(), "cancel")));
}

void session::answer(const status_request& what) {
  auto res = client_.status();
  if (res)
    reporter_.control(what.id, "status", true, encode_status(*res));
  else
    reporter_.control(what.id, "status", false,
                      encode_failure(explain(res.error(), "status")));
}

// -- outcomes -----------------------------------------------------------------

void session::on_outcomes(const backlog_item_ptr& item,
                          std::vector<outcome> outcomes) {
  std::unique_lock guard{ordering_};
  auto at_once = !outcomes.empty() && was_given_up(outcomes.front());
  if (!at_once && backlog_.first() != item) {
    item->report = [this, &what = *item, outcomes = std::move(outcomes)] {
      report(what, outcomes);
    };
    return;
  }
  report(*item, outcomes);
  report_those_ready();
}

void session::on_failure(const backlog_item_ptr& item, const failure& why) {
  std::unique_lock guard{ordering_};
  report(*item, why);
  report_those_ready();
}

void session::report_rest() {
  std::unique_lock guard{ordering_};
  report_those_ready();
  for (const auto& item : backlog_.unclaimed())
    if (auto ready = std::exchange(item->report, nullptr))
      ready();
    else
      report(*item,
             {.code = errc::timed_out,
              .operation = item->headings.back().action,
              .detail = "not finished when the program was stopped; it may be "
                        "done in part, or still get done"});
}

void session::report_those_ready() {
  for (auto next = backlog_.first(); next && next->report;
       next = backlog_.first())
    std::exchange(next->report, nullptr)();
}

void session::report(backlog_item& item, const std::vector<outcome>& outcomes) {
  if (!backlog_.claim(item))
    return;
  release_guard guard{backlog_, item};
  // How many of the first n operations failed, for each n.
  std::vector<size_t> failed{0};
  for (const auto& what : item.headings) {
    if (what.operations) {
      auto begin = failed.size() - 1 - *what.operations;
      auto count = failed.back() - failed[begin];
      reporter_.outcome(
        what, count == 0,
        json::object({{"operations", *what.operations}, {"failed", count}}));
      continue;
    }
    const auto& res = outcomes[failed.size() - 1];
    auto* why = res.why();
    failed.push_back(failed.back() + (why ? 1 : 0));
    reporter_.outcome(what, !why,
                      why
                        ? encode_failure(*why)
                        : encode_output(res.op, std::get<output>(res.result)));
  }
}

void session::report(backlog_item& item, const failure& why) {
  if (!backlog_.claim(item))
    return;
  release_guard guard{backlog_, item};
  for (const auto& what : item.headings) {
    auto output = encode_failure(why);
    if (what.operations) {
      output["operations"] = *what.operations;
      output["failed"] = *what.operations;
    }
    reporter_.outcome(what, false, std::move(output));
  }
}

failure session::explain(const caf::error& why, const char* what) const {
  if (auto res = failure_of(why))
    return *std::move(res);
  return {.code = errc::system_error,
          .operation = what,
          .detail = cafx::render(queue_.system(), why)};
}

// -- the end ------------------------------------------------------------------

bool session::drain() {
  auto deadline = shutdown_ ? shutdown_->deadline : std::nullopt;
  auto report = client_.shutdown(deadline);
  auto complete = true;
  if (report && !deadline)
    backlog_.wait_until_empty();
  else
    complete = backlog_.wait_until_empty_for(grace);
  if (!complete)
    report_rest();
  if (report && report->totals.callbacks_threw > 0)
    reporter_.outcomes_lost(report->totals.callbacks_threw);
  if (shutdown_) {
    auto counts = reporter_.counts();
    reporter_.control(shutdown_->id, "shutdown", true,
                      json::object({{"succeeded", counts.succeeded},
                                    {"failed", counts.failed}}));
  }
  return complete;
}

} // namespace spindle::tool
