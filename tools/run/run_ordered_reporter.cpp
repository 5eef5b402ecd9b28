#include "run/run_ordered_reporter.hpp"

#include "text/json_encode.hpp"

#include <utility>

namespace spindle::tool {

namespace {

/// Returns whether an operation was dropped because somebody cancelled it.
bool was_cancelled(const outcome& x) {
  return !x.result && x.result.error().code == errc::cancelled;
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

} // namespace

// -- operations and lists -----------------------------------------------------

void ordered_reporter::on_outcomes(const backlog_item_ptr& item,
                                   std::vector<outcome> outcomes) {
  auto at_once = !outcomes.empty() && was_cancelled(outcomes.front());
  std::unique_lock guard{ordering_};
  item->report = [this, &what = *item, outcomes = std::move(outcomes)] {
    report(what, outcomes);
  };
  if (at_once)
    std::exchange(item->report, nullptr)();
  report_those_ready(item->lane);
}

void ordered_reporter::on_failure(const backlog_item_ptr& item,
                                  const failure& why) {
  std::unique_lock guard{ordering_};
  item->report = [this, &what = *item, why] { report(what, why); };
  report_those_ready(item->lane);
}

void ordered_reporter::on_progress(const backlog_item& item,
                                   const operation_progress& now) {
  std::unique_lock guard{ordering_};
  if (!item.report && items_.holds(item))
    lines_.progress(item.headings.back(), now);
}

void ordered_reporter::report_those_ready(const session_lane& lane) {
  for (auto next = items_.first(lane); next && next->report;
       next = items_.first(lane))
    std::exchange(next->report, nullptr)();
}

void ordered_reporter::report(backlog_item& item,
                              const std::vector<outcome>& outcomes) {
  if (!items_.claim(item))
    return;
  release_guard guard{items_, item};
  // How many of the first n operations failed, for each n.
  std::vector<size_t> failed{0};
  for (const auto& what : item.headings) {
    if (what.operations) {
      auto begin = failed.size() - 1 - *what.operations;
      auto count = failed.back() - failed[begin];
      lines_.outcome(
        what, count == 0,
        json::object({{"operations", *what.operations}, {"failed", count}}));
      continue;
    }
    const auto& [ticket, op, result] = outcomes[failed.size() - 1];
    failed.push_back(failed.back() + (result ? 0 : 1));
    lines_.outcome(what, result.has_value(),
                   result ? encode_output(op, *result)
                          : encode_failure(result.error()));
  }
}

void ordered_reporter::report(backlog_item& item, const failure& why) {
  if (!items_.claim(item))
    return;
  release_guard guard{items_, item};
  for (const auto& what : item.headings) {
    auto output = encode_failure(why);
    if (what.operations) {
      output["operations"] = *what.operations;
      output["failed"] = *what.operations;
    }
    lines_.outcome(what, false, std::move(output));
  }
}

// -- background writes --------------------------------------------------------

void ordered_reporter::on_writer_end(const backlog_item_ptr& item,
                                     writer_status last,
                                     caf::timespan spawned) {
  errands_.add([this, item, last = std::move(last), spawned] {
    report(*item, last, spawned);
  });
}

void ordered_reporter::on_writer_refused(const backlog_item_ptr& item,
                                         failure why) {
  report(*item, writer_status{.error = std::move(why)}, {});
}

void ordered_reporter::report(backlog_item& item, const writer_status& last,
                              caf::timespan spawned) {
  if (!items_.claim(item))
    return;
  release_guard guard{items_, item};
  auto output = last.error ? encode_failure(*last.error) : json::object();
  output.update(encode_end(last, spawned));
  lines_.outcome(item.headings.back(), !last.error, std::move(output));
}

// -- the end ------------------------------------------------------------------

void ordered_reporter::report_rest() {
  std::unique_lock guard{ordering_};
  for (const auto& item : items_.unclaimed())
    if (auto ready = std::exchange(item->report, nullptr))
      ready();
    else
      report(*item,
             {.code = errc::timed_out,
              .operation = item->headings.back().action,
              .detail = "not finished when the program was stopped; it may be "
                        "done in part, or still get done"});
}

} // namespace spindle::tool
