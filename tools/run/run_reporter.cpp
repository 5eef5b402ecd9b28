#include "run/run_reporter.hpp"

#include "cli/exit_code.hpp"
#include "text/json_encode.hpp"

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace spindle::tool {

namespace {

/// Writes all bytes, however many calls it takes; returns errno.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    auto count = ::write(descriptor, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<size_t>(count));
    } else if (errno == EAGAIN) {
      // Whoever started the program made the descriptor non-blocking.
      pollfd wait{descriptor, POLLOUT, 0};
      ::poll(&wait, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

/// Tells a person. If that fails, there is nobody to tell.
void say(int descriptor, const std::string& what) {
  write_all(descriptor, "spindle: " + what + '\n');
}

std::string action_of(const json& input) {
  if (input.is_object()) {
    auto action = input.find("action");
    if (action != input.end() && action->is_string())
      return action->get<std::string>();
    if (input.contains("oplist"))
      return "oplist";
  }
  return "";
}

json id_of(const json& input) {
  if (input.is_object()) {
    auto id = input.find("id");
    if (id != input.end() && (id->is_string() || id->is_number()))
      return *id;
  }
  return nullptr;
}

json outcome_line(json id, const std::optional<json>& list,
                  const std::string& action, bool result, const json& params,
                  json output) {
  json res{{"id", std::move(id)}};
  if (list)
    res["list"] = *list;
  res["action"] = action.empty() ? json() : json(action);
  res["result"] = result;
  res["params"] = params;
  res["output"] = std::move(output);
  return res;
}

json encode_progress(const operation_progress& now) {
  json res{{"started", now.started}, {"bytes", now.bytes}};
  res["total_bytes"] = now.total_bytes ? json(*now.total_bytes) : json();
  res["entries"] = now.entries;
  put_bytes(res, "path", now.path);
  return res;
}

} // namespace

reporter::reporter(const report_streams& streams,
                   std::function<void()> on_broken)
    : streams_(streams),
      on_broken_(std::move(on_broken)),
      shares_terminal_(::isatty(streams.outcomes) == 1),
      progress_(streams.progress) {}

// -- outcomes -----------------------------------------------------------------

void reporter::outcome(const heading& what, bool succeeded, json output) {
  if (!what.operations)
    ++(succeeded ? succeeded_ : failed_);
  else if (!succeeded)
    other_failed_ = true;
  write_line(to_line(outcome_line(what.id, what.list, what.action, succeeded,
                                  what.params, std::move(output))));
}

void reporter::progress(const heading& what, const operation_progress& now) {
  write_line(to_line(json{{"id", what.id},
                          {"event", "progress"},
                          {"action", what.action},
                          {"output", encode_progress(now)}}));
}

void reporter::control(const json& id, const char* action, bool succeeded,
                       json output) {
  if (!succeeded)
    other_failed_ = true;
  write_line(to_line(outcome_line(id, std::nullopt, action, succeeded,
                                  json::object(), std::move(output))));
}

void reporter::bad_line(uint64_t number, const json& input,
                        const bad_request& why) {
  bad_input_ = true;
  json output{
    {"error", "bad_request"},
    {"errno", 0},
    {"message", "line " + std::to_string(number) + ": " + why.what()},
    {"line", number},
    {"key", why.key()},
    {"expected", why.expected()},
    {"found", why.found()},
  };
  write_line(to_line(outcome_line(id_of(input), std::nullopt, action_of(input),
                                  false, params_of(input), std::move(output))));
}

void reporter::write_line(std::string line) {
  line += '\n';
  std::unique_lock guard{writing_};
  if (!broken_) {
    if (shares_terminal_)
      progress_.hide();
    if (auto error = write_all(streams_.outcomes, line); error != 0) {
      broken_ = true;
      progress_.hide();
      say(streams_.progress,
          std::string{"cannot write outcomes: "} + std::strerror(error));
      on_broken_();
    }
  }
  progress_.show(counts());
}

// -- messages for people ------------------------------------------------------

void reporter::outcomes_lost(uint64_t count) {
  other_failed_ = true;
  note(std::to_string(count) + " outcomes could not be written");
}

void reporter::input_failed(const std::string& what) {
  bad_input_ = true;
  note(what);
}

void reporter::note(const std::string& what) {
  std::unique_lock guard{writing_, std::try_to_lock};
  if (guard)
    progress_.hide();
  say(streams_.progress, what);
}

void reporter::finish() {
  std::unique_lock guard{writing_};
  progress_.hide();
}

// -- results ------------------------------------------------------------------

tally reporter::counts() const {
  return {succeeded_, failed_};
}

int reporter::status() const {
  if (broken_)
    return exit_output_failed;
  if (bad_input_)
    return exit_bad_input;
  if (failed_ > 0 || other_failed_)
    return exit_failed;
  return exit_success;
}

} // namespace spindle::tool
