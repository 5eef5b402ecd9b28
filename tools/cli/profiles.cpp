// `spindle profiles`: lists the profiles of background writers.
#include "cli/command.hpp"
#include "cli/config_option.hpp"
#include "cli/print.hpp"
#include "text/json_line.hpp"
#include "text/text_table.hpp"

#include "spindle/config/quantity.hpp"
#include "spindle/config/value.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace spindle::tool {

namespace {

// -- the command line ---------------------------------------------------------

constexpr const char* profiles_description
  = "Shows the profiles that background writers can have.";

constexpr const char* profiles_footer = R"(Examples:
  spindle profiles
  spindle profiles --config spindle.toml
  spindle profiles --json | jq -r 'select(.bandwidth_pct < 50).name'

A profile sets the bytes of one write (CHUNK), the share of the time that a
writer is busy (BANDWIDTH), its delay after the writer that it is chained to
(CHAIN), the number of chunks in averages (SMOOTHING), the maximum of bytes per
second (MAX RATE), the share of a busy disk in proportion to others (WEIGHT),
how long others may wait for the disk before the writer takes less (GOAL), and
the rule for pauses (PACING).

With --json, each line is an object; chunk_size is in bytes, max_rate in bytes
per second or null, chain_wait_s in seconds, latency_goal_s in seconds or null.

Exit code: 0 shown, 2 usage or mistakes in the file, 3 the output could not be
written.)";

struct profiles_options {
  std::string config_file;
  bool as_json = false;
};

// -- table --------------------------------------------------------------------

std::string to_table(const std::vector<profile>& profiles) {
  text_table res{
    {"NAME", alignment::left},       {"CHUNK", alignment::right},
    {"BANDWIDTH", alignment::right}, {"CHAIN", alignment::right},
    {"SMOOTHING", alignment::right}, {"MAX RATE", alignment::right},
    {"WEIGHT", alignment::right},    {"GOAL", alignment::right},
    {"PACING", alignment::left}};
  for (const auto& x : profiles)
    res.add_row(
      {x.name, config::shown_size(x.chunk_size),
       config::shown_number(x.bandwidth_pct) + '%',
       config::shown_duration(x.chain_wait), std::to_string(x.rate_smoothing),
       x.max_rate ? config::shown_rate(*x.max_rate) : "unlimited",
       std::to_string(x.weight),
       x.latency_goal ? config::shown_duration(*x.latency_goal) : "none",
       to_string(x.pacing)});
  return res.text();
}

// -- JSON ---------------------------------------------------------------------

json to_json(const profile& x) {
  using seconds = std::chrono::duration<double>;
  json res{{"name", x.name},
           {"chunk_size", x.chunk_size},
           {"bandwidth_pct", x.bandwidth_pct},
           {"chain_wait_s", seconds{x.chain_wait}.count()},
           {"rate_smoothing", x.rate_smoothing},
           {"max_rate", nullptr},
           {"weight", x.weight},
           {"latency_goal_s", nullptr},
           {"pacing", to_string(x.pacing)}};
  if (x.max_rate)
    res["max_rate"] = *x.max_rate;
  if (x.latency_goal)
    res["latency_goal_s"] = seconds{*x.latency_goal}.count();
  return res;
}

std::string to_lines(const std::vector<profile>& profiles) {
  std::string res;
  for (const auto& x : profiles)
    res += to_line(to_json(x)) + '\n';
  return res;
}

int run(const profiles_options& options) {
  auto loaded = load_config(options.config_file);
  if (!loaded)
    return exit_bad_input;
  return print(options.as_json ? to_lines(loaded->queue.profiles)
                               : to_table(loaded->queue.profiles));
}

} // namespace

void add_profiles(CLI::App& app, command& chosen) {
  auto options = std::make_shared<profiles_options>();
  auto& cmd = *app.add_subcommand("profiles", profiles_description)
                 ->group(setting_commands);
  cmd.footer(profiles_footer);
  add_config_option(cmd, options->config_file);
  cmd.add_flag("--json", options->as_json, "Write one JSON object per line");
  cmd.callback(
    [&chosen, options] { chosen = [options] { return run(*options); }; });
}

} // namespace spindle::tool
