// `spindle write`: one stream, in the background, at the pace of a profile.
#include "cli/amount_option.hpp"
#include "cli/command.hpp"
#include "cli/config_option.hpp"
#include "cli/leftovers.hpp"
#include "cli/print.hpp"
#include "cli/signals.hpp"
#include "run/attendant.hpp"
#include "text/json_encode.hpp"
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
  = "Writes a file, or what comes from a pipe, at the pace of a profile.";

constexpr const char* write_footer = R"(Examples:
  spindle write backup.tar /mnt/backup.tar --profile 7
  tar c / | spindle write - /mnt/root.tar --rate 20MiB/s --durability full
  spindle write log.today log.all --append --quiet

`spindle profiles` shows how profiles balance throughput against interactivity.

Exit code: 0 written, 1 failed or stopped by a signal, 2 usage, or a source that
cannot be read, 3 the output could not be written. SIGINT or SIGTERM end the
writer and say how far it got; a second one stops at once.
docs/spindle-write.md describes everything.)";

/// What is read at once, and held until it is written.
constexpr uint64_t min_page_bytes = uint64_t{1} << 20;
constexpr uint64_t max_page_bytes = uint64_t{32} << 20;

/// Adds an option whose value is one of the names of an enum.
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
  cmd.add_option("SOURCE", options.source, "What to read; - is stdin")
    ->required();
  cmd.add_option("TARGET", options.target, "What to write; - is stdout")
    ->required();
  cmd.add_option("--profile", options.profile, "The pace")
    ->type_name("NAME")
    ->capture_default_str();
  auto* mode = add_choice(cmd, "--mode", options.mode, write_mode_count,
                          "What becomes of a file that is there already");
  cmd
    .add_flag_callback(
      "--append", [&options] { options.mode = write_mode::append; },
      "The same as --mode append")
    ->excludes(mode);
  add_amount_option(cmd, "--rate", options.rate, rate_of, "20MiB/s",
                    "The most bytes per second, whatever the profile says");
  add_amount_option(cmd, "--chunk-size", options.chunk_size, size_or_bytes,
                    "0.5MiB",
                    "Bytes in a chunk, instead of what the profile says");
  add_choice(cmd, "--durability", options.durability, durability_count,
             "What is on the disk for sure when the program ends");
  add_config_option(cmd, options.config_file);
  add_connect_options(cmd, options.connect);
  cmd.add_flag("--quiet", options.quiet, "Say nothing but errors");
  cmd.add_flag("--json", options.as_json,
               "Write what was done to stdout, as a JSON object");
}

// -- what is to be done -------------------------------------------------------

/// Tells why nothing can be done.
int refuse(const std::string& why) {
  std::fprintf(stderr, "spindle: %s\n", why.c_str());
  return exit_bad_input;
}

/// Returns the profile to follow, or none if there is none of that name.
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

std::string unknown_profile(const write_options& options,
                            const config::configuration& all) {
  std::string names;
  for (const auto& x : all.queue.profiles)
    names += (names.empty() ? "" : ", ") + x.name;
  return "there is no profile \"" + options.profile + "\"; there are " + names;
}

/// Returns why the target cannot be written, if that is known beforehand.
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

// -- doing it -----------------------------------------------------------------

settings settings_of(const config::configuration& all) {
  auto res = all.queue;
  res.max_buffered_bytes = max_page_bytes;
  res.max_read_bytes = std::max(res.max_read_bytes, max_page_bytes);
  return res;
}

/// One run: reads, writes, and tells how it went.
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
    // The source may have nothing to say when the writer ends.
    attend(queue_, writer_, std::nullopt,
           [ended = ended_, stop = stop_](const writer_status& last) {
             ended->set_value(last);
             stop->request();
           });
  }

  /// Ends the writer. Any thread may call.
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
    return tell(last, why ? why : last.error);
  }

private:
  static uint64_t page_size(uint64_t chunk) {
    // Whole chunks, since a chunk does not go beyond what was read at once.
    auto chunks = std::max(min_page_bytes / chunk, uint64_t{1});
    return std::min(chunk * chunks, max_page_bytes);
  }

  /// Gives the writer everything that is in the source; returns why that was
  /// not possible, if the source is to blame.
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
      // It has ended, and tells why.
      if (!taken)
        return std::nullopt;
    }
  }

  int tell(const writer_status& last, const std::optional<failure>& why) {
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
  /// Reads what is a file.
  client reader_;
  /// Feeds the writer.
  cafx::scoped_actor self_;
  writer_actor writer_;
  /// When, counted from the beginning.
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
  // The source is of this machine, wherever the target is.
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
    return refuse(unknown_profile(options, *all));
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
