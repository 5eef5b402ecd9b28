// Tests that writing to the log never blocks the node.
#include "spindled/node_log.hpp"

#include "catch.hpp"
#include "patience.hpp"

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

  /// Reads whole lines until `is_all` returns true for them.
  template <class Condition>
  std::string read_while_not(Condition is_all) const {
    std::string res;
    std::array<char, 4096> part{};
    while (!res.ends_with('\n') || !is_all(res)) {
      auto count = ::read(from, part.data(), part.size());
      REQUIRE(count > 0);
      res.append(part.data(), static_cast<size_t>(count));
    }
    return res;
  }

  /// Reads lines until one contains `what`.
  std::string read_until(const std::string& what) const {
    return read_while_not([&](const std::string& text) {
      return text.find(what) != std::string::npos;
    });
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
  CHECK(std::chrono::steady_clock::now() - before < kit::patience);
}

TEST_CASE("a log reports the number of dropped lines") {
  pipe_ends ends;
  tool::node_log log{ends.to};
  // More than what waits, what is being written, and what is in the pipe.
  auto count = 3 * tool::node_log::max_waiting_bytes / 50;
  for (size_t i = 0; i < count; ++i)
    log.write(log_level::info, "flood", {{"number", std::to_string(i)}});
  // How often lines are dropped depends on when the log is written.
  size_t told = 0, lost = 0, reports = 0, seen = 0;
  ends.read_while_not([&](const std::string& text) {
    for (; seen < text.size(); seen = text.find('\n', seen) + 1) {
      auto line = text.substr(seen, text.find('\n', seen) - seen);
      if (line.find(" event=log_lost ") == std::string::npos) {
        ++told;
        continue;
      }
      ++reports;
      lost += std::stoul(line.substr(line.find(" lines=") + 7));
    }
    return told + lost >= count;
  });
  CHECK(told + lost == count);
  CHECK(reports > 0);
}

TEST_CASE("a log with a closed reader raises no signal") {
  pipe_ends ends;
  ::close(ends.from);
  std::signal(SIGPIPE, SIG_IGN);
  tool::node_log log{ends.to};
  log.write(log_level::info, "unread");
  log.flush(kit::patience);
}
