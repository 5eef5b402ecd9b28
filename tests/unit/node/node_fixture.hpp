// A node and its client, each with an actor system of its own, over loopback.
#pragma once

#include "catch.hpp"
#include "patience.hpp"
#include "temp_dir.hpp"

#include "spindle/connect.hpp"
#include "spindle/fs/posix/rooted_vfs.hpp"
#include "spindle/serve.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace spindle::test {

/// Returns the files of a certificate that is its own authority.
inline const tls_files& certificate() {
  static kit::temp_dir place;
  static const auto made = [] {
    auto key = place.path() + "/key.pem", cert = place.path() + "/cert.pem";
    auto command = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=test"
                   " -keyout "
                 + key + " -out " + cert + " 2> /dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
    return tls_files{cert, key, cert};
  }();
  return made;
}

/// The configuration of a process that may use TLS.
struct configuration : networked<> {
  explicit configuration(bool tls) {
    if (tls)
      use_tls(certificate());
  }
};

/// The events of a node.
class event_log {
public:
  void add(const node_event& x) {
    std::lock_guard guard{mutex_};
    events_.push_back(x);
    changed_.notify_all();
  }

  /// Returns the first event of that name, as soon as there is one.
  std::optional<node_event> await(const std::string& name) {
    std::unique_lock guard{mutex_};
    auto found = events_.end();
    auto there = [&] {
      found = std::find_if(events_.begin(), events_.end(),
                           [&](const auto& x) { return x.name == name; });
      return found != events_.end();
    };
    if (!changed_.wait_for(guard, kit::patience, there))
      return std::nullopt;
    return *found;
  }

  size_t count(const std::string& name) {
    std::lock_guard guard{mutex_};
    return static_cast<size_t>(
      std::count_if(events_.begin(), events_.end(),
                    [&](const auto& x) { return x.name == name; }));
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<node_event> events_;
};

/// A node with a volume "data", and one "fixed" that is read-only.
struct server {
  explicit server(bool tls = false, const node_limits& limits = {})
      : limits(limits), with_tls(tls) {
    std::ofstream{files.path() + "/kept"} << "kept";
    start();
  }

  server(const server&) = delete;

  ~server() {
    end_slow_file();
  }

  /// Starts the process of the node.
  void start(uint16_t port = 0) {
    cfg.emplace(with_tls);
    sys.emplace(*cfg);
    offer("data", access_mode::read_write);
    offer("fixed", access_mode::read_only);
    open(port);
  }

  /// Begins to listen, at a port that somebody else may use for a moment.
  void open(uint16_t port = 0) {
    REQUIRE(kit::await([&] {
      auto served
        = serve(*sys, volumes, {.port = port, .tls = with_tls}, limits,
                [this](const node_event& x) { events.add(x); });
      if (served)
        at.emplace(std::move(*served));
      return at.has_value();
    }));
  }

  /// Ends the node, as a crash would.
  void vanish() {
    end_slow_file();
    at.reset();
    volumes.clear();
    sys.reset();
  }

  void offer(const char* name, access_mode access) {
    settings mine;
    mine.disk = fs::rooted_vfs::open(files.path(), access).value();
    volumes.push_back(
      {{name, access == access_mode::read_only}, spawn_queue(*sys, mine)});
  }

  /// Makes a file that nobody has read to its end before `end_slow_file`.
  void add_slow_file(const char* name) {
    slow_file = files.path() + '/' + name;
    std::ofstream{slow_file} << "";
    std::filesystem::resize_file(slow_file, uint64_t{1} << 40);
  }

  /// Ends the slow file: who waits for those who read it waits no more.
  void end_slow_file() {
    std::error_code ignored;
    if (!slow_file.empty())
      std::filesystem::resize_file(slow_file, 0, ignored);
  }

  kit::temp_dir files;
  /// Its path; empty if there is none.
  std::string slow_file;
  event_log events;
  std::optional<configuration> cfg;
  node_limits limits;
  bool with_tls;
  std::optional<caf::actor_system> sys;
  std::vector<served_volume> volumes;
  std::optional<node> at;
};

struct fixture {
  explicit fixture(bool tls = false, const node_limits& limits = {})
      : there(tls, limits),
        cfg(tls),
        q(connect(sys, {.port = there.at->port(), .tls = tls}).value()) {}

  fixture(const fixture&) = delete;

  ~fixture() {
    // The connection waits for all answers.
    there.end_slow_file();
  }

  server there;
  configuration cfg;
  caf::actor_system sys{cfg};
  remote_queue q;
};

inline errc code_of(const caf::error& x) {
  auto why = failure_of(x);
  return why ? why->code : errc::none;
}

template <class T>
errc code_of(const caf::expected<T>& x) {
  return x ? errc::none : code_of(x.error());
}

/// Returns the value, or fails the test.
template <class T>
T value_of(caf::expected<T> x) {
  if (!x) {
    auto why = failure_of(x.error());
    FAIL((why ? to_string(*why) : "an error of CAF"));
  }
  return std::move(*x);
}

inline std::string detail_of(const caf::error& x) {
  auto why = failure_of(x);
  return why ? why->detail : "";
}

} // namespace spindle::test
