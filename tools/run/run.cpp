// `spindle run`: operations from a file or another program.
#include "cli/command.hpp"
#include "cli/config_option.hpp"
#include "cli/signals.hpp"
#include "run/run_session.hpp"

#include "cli/disk_system.hpp"

#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace spindle::tool {

namespace {

// -- the command line ---------------------------------------------------------

constexpr const char* run_description
  = "Reads operations, one JSON object a line, and writes what became of each "
    "as one JSON object a line.";

constexpr const char* run_footer = R"(Examples:
  echo '{"action": "file_exists", "path": "/etc/passwd"}' | spindle run
  spindle run --strict nightly.jsonl > outcomes.jsonl
  spindle run --ops-per-turn 16 - < operations.fifo

A line is an operation, a list, or a control message:
  {"id": 1, "action": "file_write", "path": "a", "data": "text"}
  {"id": 2, "oplist": [{"action": "file_delete", "path": "a"}, ...],
   "on_error": "stop"}
  {"id": 3, "action": "file_checksum", "path": "a", "lane": "slow",
   "progress": true}
  {"id": 4, "action": "background_write", "path": "b", "source": "a",
   "profile": "7"}
  {"action": "cancel", "id": 2}   {"action": "status"}   {"action": "shutdown"}

Exit code: 0 all succeeded, 1 some operation failed, 2 usage or bad input,
3 outcomes could not be written. SIGINT or SIGTERM finish what was read; a
second one stops at once. docs/spindle-run.md describes everything.)";

/// What one line of input or of output may carry.
constexpr size_t line_bytes = size_t{256} << 20;

struct run_options {
  run_options() {
    session.queue.max_read_bytes = line_bytes;
  }

  std::string file = "-";
  std::string config_file;
  connect_options connect;
  size_t max_line_bytes = line_bytes;
  session_options session;
  /// Each copies a limit from settings to others if the command line gives it.
  std::vector<std::function<void(const settings&, settings&)>> overrides;
};

/// Refuses all but digits, and 0.
std::string check_positive(const std::string& text) {
  uint64_t number = 0;
  const auto* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error == std::errc{} && rest == end && number > 0)
    return {};
  return "expected a whole number greater than 0, found " + text;
}

/// Adds an option that takes a number greater than 0.
template <class T>
CLI::Option* add_count(CLI::App& app, const char* name, T& value,
                       const char* text) {
  return app.add_option(name, value, text)
    ->check(check_positive)
    ->type_name("N")
    ->capture_default_str()
    ->group("Limits");
}

/// Likewise for sizes, which may have a unit.
template <class T>
CLI::Option* add_size(CLI::App& app, const char* name, T& value,
                      const char* text) {
  return app.add_option(name, value, text)
    ->transform(CLI::AsSizeValue(true).description(""))
    ->check(check_positive)
    ->type_name("BYTES")
    ->capture_default_str()
    ->group("Limits");
}

/// Likewise for times.
CLI::Option* add_milliseconds(CLI::App& app, const char* name,
                              std::chrono::nanoseconds& value,
                              const char* text) {
  using std::chrono::milliseconds;
  auto set = [&value](uint32_t x) { value = milliseconds{x}; };
  auto unset = std::chrono::duration_cast<milliseconds>(value).count();
  return app.add_option_function<uint32_t>(name, set, text)
    ->check(check_positive)
    ->type_name("N")
    ->default_str(std::to_string(unset))
    ->group("Limits");
}

void add_limits(CLI::App& app, run_options& options) {
  auto& queue = options.session.queue;
  // The option overrides the member that it sets in a configuration.
  auto limit = [&](auto add, const char* name, auto member, const char* text) {
    auto* option = add(app, name, queue.*member, text);
    options.overrides.push_back(
      [option, member](const settings& from, settings& to) {
        if (option->count() > 0)
          to.*member = from.*member;
      });
  };
  auto count = [](auto&... xs) { return add_count(xs...); };
  auto size = [](auto&... xs) { return add_size(xs...); };
  auto time = [](auto&... xs) { return add_milliseconds(xs...); };
  limit(count, "--max-pending-ops", &settings::max_pending_ops,
        "Operations that are read, but not reported yet");
  limit(size, "--max-pending-bytes", &settings::max_pending_bytes,
        "Bytes that these operations carry");
  limit(count, "--max-oplist-length", &settings::max_oplist_length,
        "Operations in one list");
  limit(count, "--max-oplist-depth", &settings::max_oplist_depth,
        "How deep lists may be nested");
  limit(count, "--ops-per-turn", &settings::ops_per_turn,
        "Operations after which a disk actor passes the turn");
  limit(size, "--bytes-per-turn", &settings::bytes_per_turn,
        "Bytes after which a disk actor passes the turn");
  limit(time, "--turn-quantum-ms", &settings::turn_quantum,
        "Milliseconds after which a disk actor passes the turn");
  limit(size, "--max-read-bytes", &settings::max_read_bytes,
        "Bytes that one file_read may return");
  limit(count, "--max-listed-entries", &settings::max_listed_entries,
        "Entries that one listing may return");
  add_size(app, "--max-line-bytes", options.max_line_bytes,
           "Bytes in one line of input");
}

/// Lets the file of `--config` hold, where the command line does not say
/// otherwise; returns whether the file is good.
bool configure(run_options& options) {
  if (options.config_file.empty())
    return true;
  auto loaded = load_config(options.config_file);
  if (!loaded)
    return false;
  auto& given = options.session.queue;
  auto res = loaded->queue;
  if (!loaded->origins.contains("queue.max_read_bytes"))
    res.max_read_bytes = line_bytes;
  for (const auto& copy_if_given : options.overrides)
    copy_if_given(given, res);
  given = std::move(res);
  return true;
}

// -- running ------------------------------------------------------------------

/// The input: a file, or stdin.
class input_file {
public:
  explicit input_file(const std::string& name) {
    // A FIFO without a writer must not keep the program from seeing signals.
    if (name != "-")
      descriptor_ = ::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  }

  input_file(const input_file&) = delete;

  input_file& operator=(const input_file&) = delete;

  ~input_file() {
    if (descriptor_ > STDERR_FILENO)
      ::close(descriptor_);
  }

  /// Returns the descriptor, or a negative number if there is none.
  int descriptor() const {
    return descriptor_;
  }

private:
  int descriptor_ = STDIN_FILENO;
};

void on_signal(session& session, stop_event& stop, int signal, int count) {
  if (count > 1)
    session.leave();
  stop.request();
  session.note(std::string{"SIG"} + sigabbrev_np(signal)
               + ": finishing what was read; a second signal stops at once");
}

/// Runs a session; returns the exit code.
int run_session(int input, const run_options& options, signal_watch& signals) {
  auto system = disk_system::make(options.connect);
  if (!system)
    return exit_bad_input;
  auto opened = system->open(queue_settings(options.session.queue));
  if (!opened)
    return exit_failed;
  stop_event stop;
  session session{*std::exchange(opened, {}), options.session, stop};
  signals.start(
    [&](int signal, int count) { on_signal(session, stop, signal, count); });
  line_source lines{input, stop, options.max_line_bytes};
  auto in_order = session.run(lines);
  // Somebody may just be leaving because of a second signal.
  signals.end();
  auto res = session.status();
  if (!in_order)
    std::_Exit(res);
  return res;
}

int run(run_options& options) {
  if (!configure(options))
    return exit_bad_input;
  input_file input{options.file};
  if (input.descriptor() < 0) {
    std::fprintf(stderr, "spindle: cannot open %s: %s\n", options.file.c_str(),
                 std::strerror(errno));
    return exit_bad_input;
  }
  std::signal(SIGPIPE, SIG_IGN);
  signal_watch signals;
  return run_session(input.descriptor(), options, signals);
}

} // namespace

void add_run(CLI::App& app, command& chosen) {
  auto options = std::make_shared<run_options>();
  auto& cmd
    = *app.add_subcommand("run", run_description)->group(stream_commands);
  cmd.footer(run_footer);
  cmd.add_option("FILE", options->file, "Where to read; - is stdin")
    ->capture_default_str();
  cmd.add_flag("--strict", options->session.strict,
               "Stop at the first line that is not understood");
  add_config_option(cmd, options->config_file);
  add_connect_options(cmd, options->connect);
  add_limits(cmd, *options);
  cmd.callback(
    [&chosen, options] { chosen = [options] { return run(*options); }; });
}

} // namespace spindle::tool
