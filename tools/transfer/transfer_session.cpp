#include "transfer/transfer_session.hpp"

#include "cli/print.hpp"
#include "text/json_encode.hpp"
#include "text/progress_text.hpp"

#include "spindle/config/utf8.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <unistd.h>

namespace spindle::tool {

namespace {

std::string size_shown(uint64_t bytes) {
  return short_size(static_cast<double>(bytes));
}

std::string counted(uint64_t count, const char* what) {
  return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

} // namespace

transfer_session::transfer_session(std::string command,
                                   const transfer_options& options)
    : command_(std::move(command)),
      options_(options),
      failed_(command_),
      again_(options.retry,
             [this](const std::string& what) { line_.say(prefixed(what)); }) {
  signals_.start([this](int signal, int count) { on_signal(signal, count); });
}

// -- events -------------------------------------------------------------------

void transfer_session::bring(transfer_job job) {
  if (job.from_stream)
    job.stop = &stop_;
  if (!many_)
    begin_.reset();
  // A stream cannot be read again.
  auto is_again = false;
  auto step = [&] { return try_once(job, std::exchange(is_again, true)); };
  auto done = job.from_stream ? step() : again_.run(step);
  if (done)
    succeed();
  else
    fail_transfer(done.error());
  {
    std::unique_lock guard{mutex_};
    // The transfer must not outlive the place.
    transfer_.reset();
    is_committing_ = false;
  }
  if (done && signal_ != 0 && many_)
    on_signal(signal_, 2);
}

attempt<void> transfer_session::try_once(const transfer_job& job, bool again) {
  {
    std::unique_lock guard{mutex_};
    source_ = job.source;
    is_committing_ = false;
    transfer_.emplace(job, events());
  }
  // The first try may have completed, and only its answer was lost.
  if (again)
    transfer_->skip_same();
  return transfer_->run();
}

transfer_events transfer_session::events() {
  return {.on_bytes
          = [this](uint64_t done,
                   std::optional<uint64_t> total) { show(done, total); },
          .on_note =
            [this](const std::string& what) {
              if (!options_.quiet)
                line_.say(prefixed(what));
            },
          .on_verify =
            [this] {
              if (!options_.quiet)
                line_.hint("comparing checksums");
            },
          .on_complete =
            [this] {
              std::unique_lock guard{mutex_};
              is_committing_ = true;
            }};
}

void transfer_session::show(uint64_t done, std::optional<uint64_t> total) {
  auto now = clock::now();
  if (done > transfer_->summary().resumed_from)
    again_.on_progress();
  if (!begin_) {
    begin_ = shown_ = now;
    begin_bytes_ = many_ ? 0 : done;
  }
  if (options_.quiet || now - shown_ < line_.interval())
    return;
  shown_ = now;
  auto brought = many_
                 ? totals_.bytes + done - transfer_->summary().resumed_from
                 : done - begin_bytes_;
  line_.show({.done = done, .total = total, .rate_bytes_per_s = rate(brought)});
}

/// Ends the program. A part may stay, since a later transfer compares it with
/// the source before it resumes. At the first signal, a transfer from a stream
/// is left to fail and remove its part, and one that gets its name now to
/// complete.
void transfer_session::on_signal(int signal, int count) {
  std::unique_lock guard{mutex_};
  signal_ = signal;
  stop_.request();
  auto is_short = is_committing_ || (transfer_ && transfer_->is_from_stream());
  if (is_short && count == 1)
    return;
  auto why = stopped();
  auto rest = transfer_ ? transfer_->how_to_resume() : std::string{};
  if (many_)
    why.detail += "; " + counted(totals_.files, "file") + " "
                + (totals_.files == 1 ? "is" : "are") + " there";
  if (!rest.empty())
    why.detail += "; " + rest;
  line_.finish(prefixed(why.detail));
  if (options_.as_json) {
    auto told = json::object();
    if (transfer_)
      put_bytes(told, "source", source_);
    told.update({{"result", false},
                 {"error", to_string(why.code)},
                 {"message", why.detail}});
    print(to_line(told) + '\n');
  }
  std::_Exit(exit_failed);
}

void transfer_session::succeed() {
  const auto& all = transfer_->summary();
  again_.on_progress();
  {
    std::unique_lock guard{mutex_};
    ++totals_.files;
    totals_.bytes += all.size - all.resumed_from;
    totals_.resumed += all.resumed_from;
    totals_.skipped += all.was_there ? 1 : 0;
  }
  if (!many_ && !options_.quiet)
    line_.finish(summary_text());
  if (options_.as_json)
    print_json(to_json(nullptr));
}

void transfer_session::fail_transfer(failure why) {
  if (signal_ != 0)
    why = stopped();
  lost_ = why.code == errc::node_lost;
  if (!options_.quiet)
    line_.hint("");
  failed_.add(why);
  auto rest = transfer_->how_to_resume();
  if (!rest.empty() && !options_.quiet)
    line_.say(prefixed(rest));
  if (options_.as_json)
    print_json(to_json(&why));
}

void transfer_session::fail(const failure& why) {
  lost_ = why.code == errc::node_lost;
  if (!options_.quiet)
    line_.hint("");
  failed_.add(why);
  if (!options_.as_json)
    return;
  auto res = json::object();
  put_bytes(res, "path", why.path);
  res["result"] = false;
  res.update(encode_failure(why));
  print_json(res);
}

int transfer_session::finish() {
  // Later signals have no effect, since all transfers are done.
  signals_.end();
  if (many_ && !options_.quiet)
    line_.finish(totals_text());
  return output_code_ != 0 ? output_code_ : failed_.exit_code();
}

// -- output -------------------------------------------------------------------

std::string transfer_session::prefixed(const std::string& text) const {
  return "spindle " + command_ + ": " + config::printable(text);
}

failure transfer_session::stopped() const {
  return {.code = errc::cancelled,
          .detail = std::string{"stopped by SIG"} + sigabbrev_np(signal_)};
}

double transfer_session::elapsed_s() const {
  return begin_ ? std::chrono::duration<double>(clock::now() - *begin_).count()
                : 0;
}

double transfer_session::rate(uint64_t bytes) const {
  auto time = elapsed_s();
  return time > 0 ? static_cast<double>(bytes) / time : 0;
}

std::string transfer_session::rate_and_time(uint64_t bytes) const {
  char time[64];
  std::snprintf(time, sizeof time, " in %.2fs, ", elapsed_s());
  return size_shown(bytes) + " transferred" + time
       + rate_text(rate(bytes), std::nullopt);
}

std::string transfer_session::summary_text() const {
  const auto& all = transfer_->summary();
  auto res = rate_and_time(all.size - all.resumed_from);
  if (all.resumed_from > 0)
    res += "; " + size_shown(all.resumed_from) + " were there";
  return all.checksum.empty() ? res : res + "; checksum " + all.checksum;
}

std::string transfer_session::totals_text() const {
  auto res
    = counted(totals_.files, "file") + ", " + rate_and_time(totals_.bytes);
  if (totals_.resumed > 0)
    res += "; " + size_shown(totals_.resumed) + " were there";
  if (totals_.skipped > 0)
    res += ", " + counted(totals_.skipped, "whole file") + " among them";
  return res;
}

json transfer_session::to_json(const failure* why) const {
  const auto& all = transfer_->summary();
  auto res = json::object();
  put_bytes(res, "source", source_);
  put_bytes(res, "target", transfer_->target());
  res["result"] = why == nullptr;
  if (why)
    res.update(encode_failure(*why));
  res["size"] = all.size;
  res["resumed_from"] = all.resumed_from;
  res["checksum"] = all.checksum;
  res["elapsed_s"] = elapsed_s();
  res["rate_bytes_per_s"]
    = rate(many_ ? totals_.bytes : all.size - all.resumed_from);
  return res;
}

void transfer_session::print_json(const json& what) {
  if (output_code_ == 0)
    output_code_ = print(to_line(what) + '\n');
}

} // namespace spindle::tool
