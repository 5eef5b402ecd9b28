// `spindle write`: writes a file in the background at the pace of a profile.
#include "cli/amount_option.hpp"
#include "cli/command.hpp"
#include "cli/config_option.hpp"
#include "cli/leftovers.hpp"
#include "cli/print.hpp"
#include "cli/signals.hpp"
#include "run/attendant.hpp"
#include "text/json_encode.hpp"
#include "transfer/pace_option.hpp"
#include "write/write_options.hpp"
#include "write/write_progress.hpp"
#include "write/write_source.hpp"
#include "write/write_text.hpp"

#include "cli/disk_system.hpp"
#include "spindle/config/quantity.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace spindle::tool {

namespace {

// -- the command line ---------------------------------------------------------

constexpr const char* write_description
  = "Writes a file, or the data from a pipe, at the pace of a profile.";

constexpr const char* write_footer = R"(Examples:
  spindle write backup.tar /mnt/backup.tar --profile 7
  tar c / | spindle write - /mnt/root.tar --rate 20MiB/s --durability full
  spindle write log.today log.all --append --quiet

`spindle profiles` shows how profiles balance throughput against interactivity.

Exit code: 0 written, 1 failed or stopped by a signal, 2 usage, or a source that
cannot be read, 3 the output could not be written. SIGINT and SIGTERM end the
writer and report what is written; a second signal ends the program at once.
docs/spindle-write.md is the manual.)";

/// Bytes of a read, held until they are written.
constexpr uint64_t min_page_bytes = uint64_t{1} << 20;
constexpr uint64_t max_page_bytes = uint64_t{32} << 20;

/// Adds an option whose value is the name of an enum value.
template <class Enum>
CLI::Option* add_choice(CLI::App& cmd, const char* name, Enum& value,
                        size_t count, const char* text) {
  std::map<std::string, Enum> names;
  std::string shown;
  for (size_t i = 0; i < count; ++i) {
    auto x = static_cast<Enum>(i);
    names.emplace(to_string(x), x);
    shown += (i > 0 ? "|" : "") + to_string(x);
  }
  auto set = [&value, names](const std::string& x) { value = names.at(x); };
  return cmd.add_option_function<std::string>(name, set, text)
    ->check(CLI::IsMember{names}.description(""))
    ->type_name(shown)
    ->default_str(to_string(value));
}

void add_options(CLI::App& cmd, write_options& options) {
  cmd.add_option("SOURCE", options.source, "The file to read; - is stdin")
    ->required();
  cmd.add_option("TARGET", options.target, "The file to write; - is stdout")
    ->required();
  cmd.add_option("--profile", options.profile, "The profile to write with")
    ->type_name("NAME")
    ->capture_default_str();
  auto* mode = add_choice(cmd, "--mode", options.mode, write_mode_count,
                          "How to treat an existing target");
  cmd
    .add_flag_callback(
      "--append", [&options] { options.mode = write_mode::append; },
      "The same as --mode append")
    ->excludes(mode);
  add_amount_option(cmd, "--rate", options.rate, rate_of, "20MiB/s",
                    "Maximum number of bytes per second, instead of the "
                    "profile's");
  add_amount_option(cmd, "--chunk-size", options.chunk_size, size_or_bytes,
                    "0.5MiB", "Bytes in a chunk, instead of the profile's");
  add_choice(cmd, "--durability", options.durability, durability_count,
             "What is durable on the disk when the program ends");
  add_config_option(cmd, options.config_file);
  add_connect_options(cmd, options.connect);
  cmd.add_flag("--quiet", options.quiet, "Write nothing but errors to stderr");
  cmd.add_flag("--json", options.as_json,
               "Write the result to stdout, as a JSON object");
}

// -- checks -------------------------------------------------------------------

/// Writes to stderr why nothing can be written.
int refuse(const std::string& why) {
  std::fprintf(stderr, "spindle: %s\n", why.c_str());
  return exit_bad_input;
}

/// Returns the profile with the rate of the options, or nothing if it is
/// unknown.
std::optional<profile> profile_of(const write_options& options,
                                  const config::configuration& all) {
  auto* base = find_profile(all.queue.profiles, options.profile);
  if (!base)
    return std::nullopt;
  auto res = *base;
  if (options.rate)
    res.max_rate = options.rate;
  return res;
}

/// Returns why the target cannot be written, as far as the options tell.
std::optional<std::string> defect_of(const write_options& options,
                                     const write_source& source) {
  auto to_stdout = options.target == "-";
  if (to_stdout && options.as_json)
    return "with --json, stdout cannot be the target";
  if (to_stdout && options.connect.is_remote())
    return "with --connect, the target must be a file of the node";
  if (options.connect.is_remote())
    return std::nullopt;
  if (to_stdout ? source.is_same(STDOUT_FILENO)
                : source.is_same(options.target))
    return options.source + " is both the source and the target";
  return std::nullopt;
}

write_job job_of(const write_options& options, const profile& pace,
                 const write_source& source) {
  write_job res{.mode = options.mode,
                .chunk_size = options.chunk_size,
                .profile = pace,
                .durability = options.durability,
                .leave_holes = source.has_holes(),
                .open_ended = true};
  if (options.target == "-")
    res.descriptor = STDOUT_FILENO;
  else
    res.path = options.target;
  return res;
}

// -- session ------------------------------------------------------------------

settings settings_of(const config::configuration& all) {
  auto res = all.queue;
  res.max_buffered_bytes = max_page_bytes;
  res.max_read_bytes = std::max(res.max_read_bytes, max_page_bytes);
  return res;
}

/// Reads the source, feeds the writer, and reports the result.
class write_session {
public:
  /// @param from reads the source, `to` writes the target.
  write_session(queue from, queue to, const write_options& options,
                const profile& pace, write_source& source)
      : options_(options),
        source_(source),
        page_size_(page_size(options.chunk_size.value_or(pace.chunk_size))),
        queue_(std::move(to)),
        client_(queue_, cafx::infinite),
        reader_(std::move(from), cafx::infinite),
        self_(queue_.system()),
        writer_(client_.write(job_of(options, pace, source))),
        spawned_(std::chrono::steady_clock::now() - begin_),
        progress_(std::make_shared<byte_progress>(STDERR_FILENO)) {
    if (!options.quiet)
      show_progress(queue_.system(), writer_, progress_, source.size());
    // Reading the source may block when the writer ends.
    attend(queue_, writer_, std::nullopt,
           [ended = ended_, stop = stop_](const writer_status& last) {
             ended->set_value(last);
             stop->request();
           });
  }

  /// Ends the writer because of a signal. Thread-safe.
  void stop(int signal) {
    signal_ = signal;
    stop_->request();
    cafx::anon_mail(cancel_writing{}).send(writer_);
  }

  /// Returns the exit code.
  int run() {
    auto why = feed();
    auto last = ended_->get_future().get();
    client_.shutdown();
    return report(last, why ? why : last.error);
  }

private:
  static uint64_t page_size(uint64_t chunk) {
    // Whole chunks, since a chunk never spans two pages.
    auto chunks = std::max(min_page_bytes / chunk, uint64_t{1});
    return std::min(chunk * chunks, max_page_bytes);
  }

  /// Passes the whole source to the writer.
  /// @returns why the source cannot be read, if that is the reason to stop.
  std::optional<failure> feed() {
    for (;;) {
      auto page = source_.next(reader_, page_size_, *stop_);
      if (!page || stop_->requested()) {
        cafx::anon_mail(cancel_writing{}).send(writer_);
        return page ? std::nullopt : failure_of(page.error());
      }
      if (page->empty()) {
        self_->mail(finish_writing{}).send(writer_);
        return std::nullopt;
      }
      auto taken = self_->mail(append_data{*page})
                     .request(writer_, cafx::infinite)
                     .receive();
      // The writer has ended; its status has the reason.
      if (!taken)
        return std::nullopt;
    }
  }

  int report(const writer_status& last, const std::optional<failure>& why) {
    auto summary = summary_text(last);
    if (why)
      progress_->finish("spindle: " + reason(*why) + "; " + summary);
    else if (!options_.quiet)
      progress_->finish(summary);
    if (options_.as_json)
      if (auto code = print(to_line(to_json(last, why)) + '\n'))
        return code;
    return why ? exit_failed : exit_success;
  }

  std::string reason(const failure& why) const {
    if (why.code == errc::cancelled && signal_ != 0)
      return std::string{"stopped by SIG"} + sigabbrev_np(signal_);
    return to_string(why);
  }

  json to_json(const writer_status& last,
               const std::optional<failure>& why) const {
    json res{{"source", options_.source},
             {"target", options_.target},
             {"profile", last.profile},
             {"result", !why}};
    if (why)
      res.update(encode_failure(*why));
    res.update(encode_end(last, spawned_));
    return res;
  }

  std::chrono::steady_clock::time_point begin_
    = std::chrono::steady_clock::now();
  const write_options& options_;
  write_source& source_;
  uint64_t page_size_;
  std::shared_ptr<stop_event> stop_ = std::make_shared<stop_event>();
  std::atomic<int> signal_ = 0;
  std::shared_ptr<std::promise<writer_status>> ended_
    = std::make_shared<std::promise<writer_status>>();
  queue queue_;
  client client_;
  /// Reads a source that is a regular file.
  client reader_;
  /// Sends requests to the writer.
  cafx::scoped_actor self_;
  writer_actor writer_;
  /// Time from `begin_` until the writer was spawned.
  caf::timespan spawned_;
  std::shared_ptr<byte_progress> progress_;
};

int run_session(const write_options& options, const config::configuration& all,
                const profile& pace, write_source& source) {
  std::signal(SIGPIPE, SIG_IGN);
  signal_watch signals;
  auto system = disk_system::make(options.connect);
  if (!system)
    return exit_bad_input;
  auto to = system->open(settings_of(all));
  if (!to)
    return exit_failed;
  // The source is local, even if the target is on a node.
  auto from = options.connect.is_remote()
              ? spawn_queue(system->system(), settings_of(all))
              : *to;
  write_session session{std::move(from), *std::exchange(to, {}), options, pace,
                        source};
  signals.start([&](int signal, int count) {
    if (count > 1)
      std::_Exit(exit_failed);
    session.stop(signal);
  });
  auto res = session.run();
  signals.end();
  return res;
}

int run(const write_options& options) {
  auto all = load_config(options.config_file);
  if (!all)
    return exit_bad_input;
  auto pace = profile_of(options, *all);
  if (!pace)
    return refuse(unknown_profile(options.profile, all->queue.profiles));
  std::optional<write_source> source;
  try {
    source.emplace(options.source);
  } catch (const std::system_error& why) {
    return refuse("cannot read " + options.source + ": "
                  + std::strerror(why.code().value()));
  }
  if (auto why = defect_of(options, *source))
    return refuse(*why);
  if (options.mode == write_mode::replace && !options.connect.is_remote())
    leftovers{}.sweep_for(options.target);
  return run_session(options, *all, *pace, *source);
}

} // namespace

void add_write(CLI::App& app, command& chosen) {
  auto options = std::make_shared<write_options>();
  auto& cmd
    = *app.add_subcommand("write", write_description)->group(stream_commands);
  cmd.footer(write_footer);
  add_options(cmd, *options);
  cmd.callback(
    [&chosen, options] { chosen = [options] { return run(*options); }; });
}

} // namespace spindle::tool
