#include "transfer_command.hpp"

#include "amount_option.hpp"
#include "byte_progress.hpp"
#include "complaints.hpp"
#include "disk_path.hpp"
#include "json_encode.hpp"
#include "print.hpp"
#include "run_signals.hpp"

#include "spindle/config/utf8.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <utility>

#include <unistd.h>

namespace spindle::tool {

namespace {

constexpr uint64_t default_chunk_size = uint64_t{1} << 20;
constexpr uint64_t max_chunk_size = uint64_t{32} << 20;

using clock = std::chrono::steady_clock;

/// One run of a command.
class transfer_session {
public:
  transfer_session(std::string command, const transfer_options& options)
      : command_(std::move(command)), options_(options), failed_(command_) {
    signals_.start([this](int signal, int) { leave(signal); });
  }

  int run(transfer_job job) {
    {
      std::unique_lock guard{mutex_};
      transfer_.emplace(std::move(job), events());
    }
    auto done = transfer_->run();
    // Whatever comes now comes too late.
    signals_.end();
    auto res = done ? succeed() : fail(done.error());
    // It must not outlive the place.
    transfer_.reset();
    return res;
  }

private:
  // -- what happens -----------------------------------------------------------

  transfer_events events() {
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
            // What follows is short, and must not be told as interrupted.
            .on_complete = [this] { signals_.end(); }};
  }

  void show(uint64_t done, std::optional<uint64_t> total) {
    auto now = clock::now();
    if (!begin_) {
      begin_ = shown_ = now;
      begin_bytes_ = done;
    }
    if (options_.quiet || now - shown_ < line_.interval())
      return;
    shown_ = now;
    line_.show({.done = done, .total = total, .rate_bytes_per_s = rate(done)});
  }

  /// Ends the program, in the thread that watches signals. What was transferred
  /// is safe: it will be compared with the source before anybody relies on it.
  [[noreturn]] void leave(int signal) {
    std::unique_lock guard{mutex_};
    failure why{.code = errc::cancelled,
                .detail = std::string{"stopped by SIG"} + sigabbrev_np(signal)};
    auto rest = transfer_ ? transfer_->how_to_go_on() : std::string{};
    if (!rest.empty())
      why.detail += "; " + rest;
    line_.finish(prefixed(why.detail));
    if (options_.as_json) {
      auto told = json::object();
      put_bytes(told, "source", options_.source);
      told.update({{"result", false},
                   {"error", to_string(why.code)},
                   {"message", why.detail}});
      print(to_line(told) + '\n');
    }
    std::_Exit(exit_failed);
  }

  int succeed() {
    if (!options_.quiet)
      line_.finish(summary_text());
    return options_.as_json ? print(to_line(to_json(nullptr)) + '\n')
                            : exit_success;
  }

  int fail(const failure& why) {
    if (!options_.quiet)
      line_.hint("");
    failed_.add(why);
    auto rest = transfer_->how_to_go_on();
    if (!rest.empty() && !options_.quiet)
      line_.say(prefixed(rest));
    if (options_.as_json)
      if (auto code = print(to_line(to_json(&why)) + '\n'))
        return code;
    return failed_.exit_code();
  }

  // -- words ------------------------------------------------------------------

  std::string prefixed(const std::string& text) const {
    return "spindle " + command_ + ": " + config::printable(text);
  }

  double elapsed_s() const {
    return begin_
           ? std::chrono::duration<double>(clock::now() - *begin_).count()
           : 0;
  }

  double rate(uint64_t done) const {
    auto time = elapsed_s();
    return time > 0 ? static_cast<double>(done - begin_bytes_) / time : 0;
  }

  std::string summary_text() const {
    const auto& all = transfer_->summary();
    auto shown
      = [](uint64_t bytes) { return short_size(static_cast<double>(bytes)); };
    char time[64];
    std::snprintf(time, sizeof time, " in %.2fs, ", elapsed_s());
    auto res = shown(all.size - all.resumed_from) + " transferred" + time
             + rate_text(rate(all.size), std::nullopt);
    if (all.resumed_from > 0)
      res += "; " + shown(all.resumed_from) + " were there";
    return res + "; checksum " + all.checksum;
  }

  json to_json(const failure* why) const {
    const auto& all = transfer_->summary();
    auto res = json::object();
    put_bytes(res, "source", options_.source);
    put_bytes(res, "target", transfer_->target());
    res["result"] = why == nullptr;
    if (why)
      res.update(encode_failure(*why));
    res["size"] = all.size;
    res["resumed_from"] = all.resumed_from;
    res["checksum"] = all.checksum;
    res["elapsed_s"] = elapsed_s();
    res["rate_bytes_per_s"] = rate(all.size);
    return res;
  }

  std::string command_;
  const transfer_options& options_;
  complaints failed_;
  byte_progress line_{STDERR_FILENO};
  /// When the first bytes were to be moved, and how many were there then.
  std::optional<clock::time_point> begin_;
  uint64_t begin_bytes_ = 0;
  clock::time_point shown_;
  /// Guards the beginning of the transfer.
  std::mutex mutex_;
  std::optional<transfer> transfer_;
  // The last member, so that nobody is called any more when others go.
  signal_watch signals_;
};

} // namespace

void add_transfer_options(CLI::App& cmd, transfer_options& options,
                          const char* source_text, const char* target_text) {
  cmd.add_option("SOURCE", options.source, source_text)
    ->type_name("")
    ->required();
  cmd.add_option("TARGET", options.target, target_text)->type_name("");
  add_amount_option(cmd, "--chunk-size", options.chunk_size, size_or_bytes,
                    "1MiB", "Bytes in a chunk; several are under way at once");
  cmd.add_flag("--no-resume", options.no_resume,
               "Start anew, whatever is there already");
  cmd.add_flag("--quiet", options.quiet, "Say nothing but errors");
  cmd.add_flag("--json", options.as_json,
               "Write what was done to stdout, as a JSON object");
  add_place_options(cmd, options.where);
}

uint64_t chunk_size_of(const transfer_options& options) {
  return std::min(options.chunk_size.value_or(default_chunk_size),
                  max_chunk_size);
}

std::string target_of(const transfer_options& options, disk_access& disk,
                      const std::string& name) {
  if (options.target.empty())
    return name;
  // Stdin has no name that a file could get.
  if (options.source == "-")
    return options.target;
  auto is_directory = disk.run(directory_exists{.path = options.target});
  return is_directory.value_or(false) ? joined(options.target, name)
                                      : options.target;
}

int run_transfer(const std::string& command, const transfer_options& options,
                 const job_maker& make_job) {
  // Before any other thread, since it takes the signals.
  transfer_session session{command, options};
  return work_at(options.where,
                 [&](place& here) { return session.run(make_job(here)); });
}

} // namespace spindle::tool
