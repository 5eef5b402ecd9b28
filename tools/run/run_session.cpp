#include "run/run_session.hpp"

#include "text/json_encode.hpp"

#include <algorithm>
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

/// What a writer holds of the file that is read for it, and how much of it is
/// read at once; more only if chunks are larger.
constexpr uint64_t held_of_source = uint64_t{8} << 20;
constexpr uint64_t page_bytes = uint64_t{1} << 20;
constexpr uint64_t max_page_bytes = uint64_t{8} << 20;

/// What background writes may take all together.
constexpr backlog_limits background_limits{
  .items = 1024,
  .memory_bytes = uint64_t{256} << 20,
  .operations = std::numeric_limits<size_t>::max(),
  .payload_bytes = std::numeric_limits<uint64_t>::max()};

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

/// Returns whether an operation was dropped because somebody cancelled it.
bool was_cancelled(const outcome& x) {
  auto* why = x.why();
  return why && why->code == errc::cancelled;
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

backlog_item_ptr make_item(background_request& what, size_t line_bytes) {
  auto res = std::make_shared<backlog_item>();
  res->headings.push_back(std::move(what.title));
  res->operations = 1;
  res->payload_bytes = what.what.data ? what.what.data->size() : 0;
  res->memory_bytes = line_bytes + res->payload_bytes;
  if (what.what.source)
    res->memory_bytes += held_of_source + 2 * max_page_bytes;
  res->background = true;
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

settings queue_settings(settings x) {
  x.max_pending_ops = std::numeric_limits<size_t>::max();
  x.max_pending_bytes = std::numeric_limits<uint64_t>::max();
  x.max_buffered_bytes = held_of_source;
  // The callback actor writes to stdout, and the reader of that may be slow.
  x.detach_all = true;
  return x;
}

// -- constructors, destructors, and assignment operators ----------------------

session::session(queue q, const session_options& options, stop_event& stop)
    : options_(options),
      stop_(stop),
      queue_(std::move(q)),
      client_(queue_, cafx::infinite),
      self_(queue_.system()),
      backlog_(limits_of(options.queue), background_limits),
      writers_(options.queue.max_remembered_writers),
      reporter_(options.streams, [this] { abandon(); }),
      submitter_(queue_) {}

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
  submitter_.after_those([this] {
    cafx::anon_mail(shutdown{caf::timespan::zero()}).send(queue_.front());
  });
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
  std::_Exit(status());
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
    else if (auto* job = std::get_if<background_request>(&what))
      submit(std::move(*job), line.text.size());
    else if (auto* control = std::get_if<writer_request>(&what))
      answer(*control);
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
  backlog_.set_submitting(*item);
  auto answered
    = [this, item](const caf::expected<ticket>& res) { on_answer(item, res); };
  if (auto* op = std::get_if<operation>(&what.what))
    submitter_.submit(std::move(*op),
                      local_callback{[this, item](const outcome& x) {
                        on_outcomes(item, {x});
                      }},
                      std::move(answered));
  else
    submitter_.submit(std::get<oplist>(std::move(what.what)),
                      local_list_callback{[this, item](const oplist_report& x) {
                        std::vector<outcome> outcomes;
                        flatten(x, outcomes);
                        on_outcomes(item, std::move(outcomes));
                      }},
                      std::move(answered));
}

void session::on_answer(const backlog_item_ptr& item,
                        const caf::expected<ticket>& res) {
  backlog_.set_ticket(*item, res ? std::optional{*res} : std::nullopt);
  if (!res)
    on_failure(item, explain(res.error(), item->headings.back().action));
}

void session::submit(background_request what, size_t line_bytes) {
  auto job = make_job(what.what);
  auto source = make_source(what.what, job);
  auto item = make_item(what, line_bytes);
  const auto& id = item->headings.back().id;
  // One that rests keeps its room until a later line lets it go on.
  if (!backlog_.add(item, !writers_.any_paused())) {
    failure why{.code = errc::queue_full,
                .operation = background_write::type_name,
                .path = job.path,
                .detail = "there is no room while a writer rests"};
    report(*item, writer_status{.error = std::move(why)}, {});
    return;
  }
  caf::timespan spawned = std::chrono::steady_clock::now() - start_;
  submitter_.flush();
  auto writer
    = client_.write(std::move(job), {.after = in_lane{submitter_.lane()}});
  writers_.add(id, {writer, spawned});
  attend(queue_, writer, std::move(source),
         [this, item, writer, spawned](const writer_status& last) {
           writers_.on_end(item->headings.back().id, writer);
           errands_.add(
             [this, item, last, spawned] { report(*item, last, spawned); });
         });
}

write_job session::make_job(const background_write& what) const {
  write_job res{.path = what.path,
                .mode = what.mode,
                .offset = what.offset,
                .chunk_size = what.chunk_size,
                .profile = what.profile,
                .durability = what.durability,
                .parents = what.parents,
                .permissions = what.permissions,
                .chain_on_error = what.chain_on_error,
                .open_ended = what.source.has_value()};
  if (what.data)
    res.data = *what.data;
  if (what.chain_after.is_null())
    return res;
  auto before = writers_.find(what.chain_after);
  if (!before)
    throw bad_request{"chain_after", "the id of an earlier background_write",
                      shown(what.chain_after)};
  res.chain_after = before->actor;
  return res;
}

std::optional<writer_source> session::make_source(const background_write& what,
                                                  const write_job& job) const {
  if (!what.source)
    return std::nullopt;
  auto* profile = find_profile(options_.queue.profiles, what.profile.name);
  auto chunk = what.chunk_size.value_or(profile ? profile->chunk_size : 0);
  // Whole chunks, since a chunk does not go beyond what was read at once.
  auto page = chunk == 0 ? page_bytes
                         : chunk * std::max(page_bytes / chunk, uint64_t{1});
  return writer_source{.path = *what.source,
                       .target = what.path,
                       .page_size = std::min(
                         {page, max_page_bytes, options_.queue.max_read_bytes}),
                       .after = job.chain_after,
                       .policy = job.chain_on_error};
}

void session::answer(const writer_request& what) {
  using kind = writer_request::kind;
  if (what.what == kind::pause) {
    auto res = tell_writer(what.id, pause_writing{});
    writers_.set_paused(what.id, res && *res);
    answer(what.id, "pause", "paused", res);
  } else if (what.what == kind::resume) {
    auto res = tell_writer(what.id, resume_writing{});
    writers_.set_paused(what.id, false);
    answer(what.id, "resume", "resumed", res);
  } else {
    answer(what.id, "set_profile", "changed",
           tell_writer(what.id, set_profile{what.profile}));
  }
}

void session::answer(const cancel_request& what) {
  auto which = backlog_.find(what.id);
  answer(what.id, "cancel", "cancelled",
         which ? client_.cancel(*which)
               : tell_writer(what.id, cancel_writing{}));
}

template <class Message>
caf::expected<bool> session::tell_writer(const json& id, Message what) {
  auto known = writers_.find(id);
  if (!known || known->ended)
    return false;
  auto res = self_->mail(std::move(what))
               .request(known->actor, cafx::infinite)
               .receive();
  if (!res && failure_of(res.error()))
    return res.error();
  return static_cast<bool>(res);
}

void session::answer(const json& id, const char* action, const char* key,
                     const caf::expected<bool>& res) {
  if (res)
    reporter_.control(id, action, true, json::object({{key, *res}}));
  else
    reporter_.control(id, action, false,
                      encode_failure(explain(res.error(), action)));
}

void session::answer(const status_request& what) {
  if (auto known = writers_.find(what.id)) {
    auto res = client_.status(known->actor);
    auto output = res ? encode_status(*res, known->spawned)
                      : encode_failure(explain(res.error(), "status"));
    if (res && res->error)
      output.update(encode_failure(*res->error));
    reporter_.control(what.id, "status", static_cast<bool>(res),
                      std::move(output));
    return;
  }
  submitter_.flush();
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
  auto at_once = !outcomes.empty() && was_cancelled(outcomes.front());
  std::unique_lock guard{ordering_};
  item->report = [this, &what = *item, outcomes = std::move(outcomes)] {
    report(what, outcomes);
  };
  if (at_once)
    std::exchange(item->report, nullptr)();
  report_those_ready();
}

void session::on_failure(const backlog_item_ptr& item, const failure& why) {
  std::unique_lock guard{ordering_};
  item->report = [this, &what = *item, why] { report(what, why); };
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

void session::report(backlog_item& item, const writer_status& last,
                     caf::timespan spawned) {
  if (!backlog_.claim(item))
    return;
  release_guard guard{backlog_, item};
  auto output = last.error ? encode_failure(*last.error) : json::object();
  output.update(encode_end(last, spawned));
  reporter_.outcome(item.headings.back(), !last.error, std::move(output));
}

failure session::explain(const caf::error& why, std::string what) const {
  if (auto res = failure_of(why))
    return *std::move(res);
  if (why == caf::sec::request_receiver_down)
    return {.code = errc::shut_down,
            .operation = std::move(what),
            .detail = "the queue has ended"};
  return {.code = errc::system_error,
          .operation = std::move(what),
          .detail = reason_of(why)};
}

// -- the end ------------------------------------------------------------------

bool session::drain() {
  using std::chrono::steady_clock;
  auto deadline = shutdown_ ? shutdown_->deadline : std::nullopt;
  auto begin = steady_clock::now();
  for (const auto& writer : writers_.take_paused())
    cafx::anon_mail(resume_writing{}).send(writer);
  // The queue would end those, too, but before their sources are read.
  backlog_.wait_for_background(deadline);
  if (deadline)
    deadline = std::max(*deadline - (steady_clock::now() - begin),
                        std::chrono::nanoseconds{0});
  submitter_.flush();
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
