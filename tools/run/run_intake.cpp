#include "run/run_intake.hpp"

#include "text/json_encode.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace spindle::tool {

namespace {

/// What a writer holds of the file that is read for it, and how much of it is
/// read at once; more only if chunks are larger.
constexpr uint64_t held_of_source = uint64_t{8} << 20;
constexpr uint64_t source_page_bytes = uint64_t{1} << 20;
constexpr uint64_t max_source_page_bytes = uint64_t{8} << 20;

/// Appends the outcomes of a list in the order of its operations.
void flatten(const oplist_report& report, std::vector<outcome>& to) {
  for (const auto& entry : report.entries)
    if (auto* nested = std::get_if<oplist_report>(&entry.value))
      flatten(*nested, to);
    else
      to.push_back(std::get<outcome>(entry.value));
}

/// Returns an item for what is about to be submitted.
backlog_item_ptr make_item(work& what, size_t line_bytes) {
  auto res = std::make_shared<backlog_item>();
  res->headings = std::move(what.headings);
  res->operations = what.operations;
  res->payload_bytes = what.payload_bytes;
  res->progress = what.progress;
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
    res->memory_bytes += held_of_source + 2 * max_source_page_bytes;
  res->background = true;
  return res;
}

/// Returns one of two paths, or both if they are in different volumes. Only a
/// node has volumes.
std::vector<std::string> one_in_each_volume(const queue& q,
                                            const std::string& first,
                                            const std::string& second) {
  auto volume
    = [](const std::string& path) { return path.substr(0, path.find(':')); };
  if (!q.is_remote() || volume(first) == volume(second))
    return {first};
  return {first, second};
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r") == std::string_view::npos;
}

/// Turns errors into failures; those of CAF, too.
failure explain(const caf::error& why, std::string what) {
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

intake::intake(const queue& q, const settings& limits, backlog& items,
               ordered_reporter& outcomes, reporter& lines)
    : limits_(limits),
      items_(items),
      outcomes_(outcomes),
      lines_(lines),
      queue_(q),
      client_(queue_, cafx::infinite),
      self_(queue_.system()),
      writers_(limits.max_remembered_writers),
      poller_(queue_, outcomes),
      submitter_(queue_) {}

// -- lines --------------------------------------------------------------------

intake::verdict intake::on_line(const input_line& line) {
  if (is_blank(line.text) && !line.too_long)
    return verdict::understood;
  json input;
  try {
    if (line.too_long)
      throw bad_request{"", "a line within --max-line-bytes", "a longer one"};
    input = parse_json(line.text);
    auto what = decode_request(input);
    if (auto* end = std::get_if<shutdown_request>(&what)) {
      shutdown_ = std::move(*end);
      return verdict::shutdown;
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
    return verdict::understood;
  } catch (const bad_request& why) {
    lines_.bad_line(line.number, input, why);
    return verdict::not_understood;
  }
}

// -- operations and writers ---------------------------------------------------

session_lane intake::find_lane(const std::string& name) {
  return name.empty() ? nullptr : lanes_.find(name);
}

void intake::submit(work what, size_t line_bytes) {
  auto item = make_item(what, line_bytes);
  item->lane = find_lane(what.lane);
  items_.add(item);
  if (item->operations > limits_.max_pending_ops
      || item->payload_bytes > limits_.max_pending_bytes) {
    outcomes_.on_failure(item, {.code = errc::queue_full,
                                .operation = item->headings.back().action,
                                .detail = "it exceeds max_pending_ops or "
                                          "max_pending_bytes by itself"});
    return;
  }
  items_.set_submitting(*item);
  auto lane = number_of(item->lane);
  auto answered
    = [this, item](const caf::expected<ticket>& res) { on_answer(item, res); };
  if (auto* op = std::get_if<operation>(&what.what))
    submitter_.submit(std::move(*op),
                      local_callback{[this, item](const outcome& x) {
                        outcomes_.on_outcomes(item, {x});
                      }},
                      lane, std::move(answered));
  else
    submitter_.submit(std::get<oplist>(std::move(what.what)),
                      local_list_callback{[this, item](const oplist_report& x) {
                        std::vector<outcome> outcomes;
                        flatten(x, outcomes);
                        outcomes_.on_outcomes(item, std::move(outcomes));
                      }},
                      lane, std::move(answered));
}

void intake::on_answer(const backlog_item_ptr& item,
                       const caf::expected<ticket>& res) {
  items_.set_ticket(*item, res ? std::optional{*res} : std::nullopt);
  if (res && item->progress)
    poller_.watch(item, *res);
  else if (!res)
    outcomes_.on_failure(item,
                         explain(res.error(), item->headings.back().action));
}

void intake::submit(background_request what, size_t line_bytes) {
  auto job = make_job(what.what);
  auto source = make_source(what.what, job);
  auto item = make_item(what, line_bytes);
  item->lane = find_lane(what.lane);
  const auto& id = item->headings.back().id;
  // One that rests keeps its room until a later line lets it go on.
  if (!items_.add(item, !writers_.any_paused())) {
    failure why{.code = errc::queue_full,
                .operation = background_write::type_name,
                .path = job.path,
                .detail = "there is no room while a writer rests"};
    outcomes_.on_writer_refused(item, std::move(why));
    return;
  }
  submitter_.flush();
  // Now, since its own times count from its spawning.
  caf::timespan spawned = std::chrono::steady_clock::now() - start_;
  auto writer = client_.write(
    std::move(job), {.after = submitter_.lane(number_of(item->lane))});
  writers_.add(id, {writer, spawned});
  auto attendant
    = attend(queue_, writer, source,
             [this, item, writer, spawned](const writer_status& last) {
               writers_.on_end(item->headings.back().id, writer);
               outcomes_.on_writer_end(item, last, spawned);
             });
  if (source)
    await_lane(submitter_, number_of(item->lane), source->lane_paths,
               attendant);
}

write_job intake::make_job(const background_write& what) const {
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

std::optional<writer_source> intake::make_source(const background_write& what,
                                                 const write_job& job) const {
  if (!what.source)
    return std::nullopt;
  auto* profile = find_profile(limits_.profiles, what.profile.name);
  auto chunk = what.chunk_size.value_or(profile ? profile->chunk_size : 0);
  // Whole chunks, since a chunk does not go beyond what was read at once.
  auto page = chunk == 0
              ? source_page_bytes
              : chunk * std::max(source_page_bytes / chunk, uint64_t{1});
  return writer_source{
    .path = *what.source,
    .target = what.path,
    .lane_paths = one_in_each_volume(queue_, *what.source, what.path),
    .page_size
    = std::min({page, max_source_page_bytes, limits_.max_read_bytes}),
    .after = job.chain_after,
    .policy = job.chain_on_error};
}

// -- control messages ---------------------------------------------------------

void intake::answer(const writer_request& what) {
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

void intake::answer(const cancel_request& what) {
  auto which = items_.find(what.id);
  answer(what.id, "cancel", "cancelled",
         which ? client_.cancel(*which)
               : tell_writer(what.id, cancel_writing{}));
}

template <class Message>
caf::expected<bool> intake::tell_writer(const json& id, Message what) {
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

void intake::answer(const json& id, const char* action, const char* key,
                    const caf::expected<bool>& res) {
  if (res)
    lines_.control(id, action, true, json::object({{key, *res}}));
  else
    lines_.control(id, action, false,
                   encode_failure(explain(res.error(), action)));
}

void intake::answer(const status_request& what) {
  if (auto known = writers_.find(what.id)) {
    auto res = client_.status(known->actor);
    auto output = res ? encode_status(*res, known->spawned)
                      : encode_failure(explain(res.error(), "status"));
    if (res && res->error)
      output.update(encode_failure(*res->error));
    lines_.control(what.id, "status", static_cast<bool>(res),
                   std::move(output));
    return;
  }
  submitter_.flush();
  auto res = client_.status();
  if (res)
    lines_.control(what.id, "status", true, encode_status(*res));
  else
    lines_.control(what.id, "status", false,
                   encode_failure(explain(res.error(), "status")));
}

// -- the end ------------------------------------------------------------------

void intake::resume_writers() {
  for (const auto& writer : writers_.take_paused())
    cafx::anon_mail(resume_writing{}).send(writer);
}

caf::expected<shutdown_report>
intake::shut_down(std::optional<caf::timespan> deadline) {
  submitter_.flush();
  return client_.shutdown(deadline);
}

} // namespace spindle::tool
