#include "depth/peer.hpp"

#include "depth/contestants.hpp"
#include "depth/program.hpp"
#include "depth/uv_calls.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace bench::depth {

namespace {

constexpr const char* command_name = "peer";

/// Returns the text for an enum on a command line.
template <class Enum>
std::string number_of(Enum x) {
  return std::to_string(static_cast<int>(x));
}

} // namespace

CLI::App* add_peer_command(CLI::App& app, peer_task& what) {
  auto* res = app.add_subcommand(command_name, "Does one task with libuv");
  // Not in the help.
  res->group("");
  auto add = [res](const char* name, auto& value) {
    res->add_option(name, value)->required();
  };
  add("--deed", what.files.what);
  add("--level", what.files.level);
  add("--directory", what.files.directory);
  add("--count", what.files.count);
  add("--bytes", what.files.bytes);
  add("--cold", what.files.cold);
  add("--threads", what.threads);
  add("--window", what.window);
  return res;
}

void run_peer(const peer_task& what) {
  ::setenv("UV_THREADPOOL_SIZE", std::to_string(what.threads).c_str(), 1);
  // libuv starts its threads when it is first used.
  auto first = what.files;
  first.count = 1;
  time_uv(first, 1);
  std::printf("%.9f\n", time_uv(what.files, what.window));
}

double time_peer(const peer_task& what) {
  const auto& x = what.files;
  auto text = run_program(
    {"/proc/self/exe", command_name, "--deed", number_of(x.what), "--level",
     number_of(x.level), "--directory", x.directory, "--count",
     std::to_string(x.count), "--bytes", std::to_string(x.bytes), "--cold",
     number_of(x.cold), "--threads", std::to_string(what.threads), "--window",
     std::to_string(what.window)});
  return std::stod(text);
}

contestant libuv_peer(size_t threads, size_t window) {
  return {"libuv, " + std::to_string(threads) + " threads",
          [threads, window](const file_task& task) {
            return time_peer(
              {.files = task, .threads = threads, .window = window});
          }};
}

} // namespace bench::depth
