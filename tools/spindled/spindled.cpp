// The program `spindled`: offers directories of this machine to other nodes.
#include "cli/config_option.hpp"
#include "cli/exit_code.hpp"
#include "spindled/node_service.hpp"
#include "spindled/service_manager.hpp"

#include "spindle/config/load.hpp"
#include "spindle/ops/error.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <initializer_list>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sys/resource.h>

namespace spindle::tool {

namespace {

constexpr const char* footer = R"(Examples:
  spindled --root /srv/data
  spindled --config /etc/spindle/spindled.toml

It prints the address of its listener to stdout, and logs to stderr. SIGHUP
reloads the configuration. SIGTERM and SIGINT end it after all admitted
requests; a second signal ends it at once.

Exit code: 0 ended after all admitted requests, 1 could not start, timed out at
the end, or failed, 2 usage or bad configuration. docs/deploying.md is the
manual.)";

struct options {
  std::string config_file;
  std::string root;
  bool read_only = false;
  uint16_t port = 0;
  CLI::Option* port_option = nullptr;
};

/// Returns what is wrong with a port, or an empty text.
std::string check_port(const std::string& text) {
  uint16_t port = 0;
  const auto* end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, port);
  if (error == std::errc{} && rest == end)
    return {};
  return "expected a number from 0 to 65535, found " + text;
}

int complain(const std::string& why) {
  std::fprintf(stderr, "spindled: %s\n", why.c_str());
  return exit_bad_input;
}

/// Returns the configuration, or its mistakes, one per entry.
tl::expected<config::configuration, std::vector<std::string>>
load(const options& from, config::source source) {
  tl::expected<config::configuration, config::mistakes> res;
  if (!from.config_file.empty())
    res = config::load_file(from.config_file, source);
  if (!res) {
    std::vector<std::string> wrong;
    for (const auto& one : res.error())
      wrong.push_back(to_string(one));
    return tl::unexpected{std::move(wrong)};
  }
  if (!from.root.empty())
    res->node.volumes.push_back(
      {"root", from.root,
       from.read_only ? access_mode::read_only : access_mode::read_write});
  if (from.port_option->count() > 0)
    res->node.listen.port = from.port;
  if (!res->node.volumes.empty())
    return *std::move(res);
  return tl::unexpected{std::vector<std::string>{
    "spindled: there is nothing to offer: name a directory with --root, or "
    "volumes in the file of --config"}};
}

/// Raises the limit of descriptors, since each connection takes one.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// Blocks the signals for `next_signal`, in this thread and those that it
/// starts.
void block_signals() {
  sigset_t all;
  ::sigemptyset(&all);
  for (auto signal : {SIGHUP, SIGTERM, SIGINT})
    ::sigaddset(&all, signal);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

/// Waits for one of these signals.
int next_signal(std::initializer_list<int> of) {
  sigset_t all;
  ::sigemptyset(&all);
  for (auto signal : of)
    ::sigaddset(&all, signal);
  int res = 0;
  while (::sigwait(&all, &res) != 0)
    ;
  return res;
}

void reload(node_service& service, const options& from) {
  // Reading a pipe may block, and would delay SIGTERM.
  auto other = load(from, config::source::regular_file);
  if (!other) {
    for (const auto& why : other.error())
      service.log().write(config::log_level::error, "not_reloaded",
                          {{"file", from.config_file}, {"why", why}});
    return;
  }
  notify_service_manager("RELOADING=1");
  std::string later;
  for (const auto& key : service.reload(*other))
    later += (later.empty() ? "" : ",") + key;
  service.log().write(config::log_level::info, "reloaded",
                      {{"file", from.config_file}, {"after_restart", later}});
  notify_service_manager("READY=1");
}

int serve(const options& from) {
  auto all = load(from, config::source::any);
  if (!all) {
    for (const auto& why : all.error())
      std::fprintf(stderr, "%s\n", why.c_str());
    return exit_bad_input;
  }
  std::signal(SIGPIPE, SIG_IGN);
  raise_descriptor_limit();
  block_signals();
  init_networked();
  node_service service{std::move(*all)};
  if (auto why = service.start()) {
    complain(*why);
    return exit_failed;
  }
  std::printf("spindled: listening at %s\n", service.address().c_str());
  std::fflush(stdout);
  service.log().write(config::log_level::info, "listening",
                      {{"address", service.address()}});
  notify_service_manager("READY=1");
  int signal = 0;
  while ((signal = next_signal({SIGHUP, SIGTERM, SIGINT})) == SIGHUP)
    reload(service, from);
  // This thread now waits for the disk, so another one handles signals.
  std::thread{[] {
    next_signal({SIGTERM, SIGINT});
    std::_Exit(exit_failed);
  }}.detach();
  notify_service_manager("STOPPING=1");
  service.log().write(config::log_level::info, "stopping",
                      {{"signal", std::string{"SIG"} + sigabbrev_np(signal)}});
  auto complete = service.stop();
  service.log().write(config::log_level::info, "stopped",
                      {{"complete", complete ? "true" : "false"}});
  // An operation that hangs in a system call would keep the process alive.
  if (!complete) {
    service.log().flush(std::chrono::seconds{1});
    std::_Exit(exit_failed);
  }
  return exit_success;
}

int run(int argc, char** argv) {
  CLI::App app{"Offers directories of this machine to other nodes.",
               "spindled"};
  app.set_version_flag("--version", "spindled " SPINDLE_VERSION);
  app.footer(footer);
  options from;
  add_config_option(app, from.config_file);
  auto* root
    = app
        .add_option("--root", from.root,
                    "A directory to offer as volume \"root\"; the listener is "
                    "at 127.0.0.1 unless the configuration says otherwise")
        ->type_name("DIR");
  app.add_flag("--read-only", from.read_only, "Offer the directory read-only")
    ->needs(root);
  from.port_option
    = app
        .add_option("--port", from.port,
                    "The port to listen at, instead of the configured one; 0 "
                    "for any free port")
        ->check(check_port)
        ->type_name("PORT");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& why) {
    return app.exit(why) == 0 ? exit_success : exit_bad_input;
  }
  return serve(from);
}

} // namespace

} // namespace spindle::tool

int main(int argc, char** argv) {
  try {
    return spindle::tool::run(argc, argv);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "spindled: %s\n", spindle::to_words(why).c_str());
    return spindle::tool::exit_failed;
  }
}
