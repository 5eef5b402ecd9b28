// Tests that writing to the log never blocks the node.
#include "spindled/node_log.hpp"

#include "catch.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include <fcntl.h>

using namespace spindle;
using namespace std::literals;
using config::log_level;

namespace {

/// A pipe that stays open until the process ends, like stderr.
struct pipe_ends {
  pipe_ends() {
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    from = ends[0];
    to = ends[1];
  }

  /// Reads lines until one contains `what`; returns it.
  std::string read_until(const std::string& what) const {
    std::string res;
    std::array<char, 4096> part{};
    while (res.find(what) == std::string::npos || !res.ends_with('\n')) {
      auto count = ::read(from, part.data(), part.size());
      REQUIRE(count > 0);
      res.append(part.data(), static_cast<size_t>(count));
    }
    return res;
  }

  int from = -1;
  int to = -1;
};

} // namespace

TEST_CASE("a log has a line for each event") {
  pipe_ends ends;
  tool::node_log log{ends.to};
  log.write(log_level::debug, "unseen");
  log.write(log_level::info, "seen", {{"plain", "x"}, {"odd", "a b"}});
  log.write(log_level::error, "last", {{"long", std::string(10'000, 'x')}});
  auto text = ends.read_until("event=last");
  CHECK(text.find("unseen") == std::string::npos);
  CHECK(text.find("level=info event=seen plain=x odd=\"a b\"\n")
        != std::string::npos);
  CHECK(text.size() < 1000);
}

TEST_CASE("a long value is cut between characters") {
  pipe_ends ends;
  tool::node_log log{ends.to};
  // The limit is within a character.
  auto fits = std::string(tool::node_log::max_value_bytes - 1, 'x');
  log.write(log_level::info, "long", {{"value", fits + "äää"}});
  CHECK(
    ends.read_until("event=long").ends_with("value=\"" + fits + " ...\"\n"));
}

TEST_CASE("a log without a reader does not block") {
  pipe_ends ends;
  auto before = std::chrono::steady_clock::now();
  {
    tool::node_log log{ends.to};
    for (int i = 0; i < 100'000; ++i)
      log.write(log_level::info, "flood", {{"number", std::to_string(i)}});
    log.flush(10ms);
  }
  CHECK(std::chrono::steady_clock::now() - before < 10s);
}

TEST_CASE("a log reports the number of dropped lines") {
  pipe_ends ends;
  tool::node_log log{ends.to};
  auto count = tool::node_log::max_waiting_bytes / 50;
  for (size_t i = 0; i < count; ++i)
    log.write(log_level::info, "flood", {{"number", std::to_string(i)}});
  auto text = ends.read_until("event=log_lost");
  auto told = static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
  auto lost = std::stoul(text.substr(text.find("lines=") + 6));
  CHECK(told - 1 + lost == count);
}

TEST_CASE("a log with a closed reader raises no signal") {
  pipe_ends ends;
  ::close(ends.from);
  std::signal(SIGPIPE, SIG_IGN);
  tool::node_log log{ends.to};
  log.write(log_level::info, "unread");
  log.flush(10s);
}
