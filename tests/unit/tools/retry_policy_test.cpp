// Tests the pauses between attempts to connect to a lost node.

#include "catch.hpp"

#include "transfer/retry_policy.hpp"

#include <string>
#include <vector>

using namespace spindle;
using namespace spindle::tool;
using namespace std::chrono_literals;

TEST_CASE("pauses double up to a minute") {
  std::vector<std::chrono::seconds> pauses;
  for (uint64_t n : {1, 2, 3, 4, 5, 6, 7, 8, 64, 1000})
    pauses.push_back(retry_policy::pause_before(n));
  CHECK(pauses
        == std::vector<std::chrono::seconds>{1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s,
                                             60s, 60s});
}

TEST_CASE("only a lost node is retried") {
  std::vector<std::string> notes;
  retry_policy again{1, [&](const std::string& x) { notes.push_back(x); }};
  auto tries = 0;
  auto fail_with = [&](errc code) {
    return again.run([&, code]() -> attempt<void> {
      ++tries;
      return tl::unexpected{failure{.code = code, .detail = "gone"}};
    });
  };
  CHECK(fail_with(errc::not_found).error().code == errc::not_found);
  CHECK(tries == 1);
  CHECK(fail_with(errc::node_lost).error().code == errc::node_lost);
  CHECK(tries == 3);
  CHECK(notes == std::vector<std::string>{"gone; trying again in 1s"});
  // The attempts are used up, until something succeeds.
  CHECK(!fail_with(errc::node_lost));
  CHECK(tries == 4);
  again.on_progress();
  CHECK(!fail_with(errc::node_lost));
  CHECK(tries == 6);
}

TEST_CASE("without a connection, nothing is retried") {
  std::vector<std::string> events;
  retry_policy again{2, [](const std::string&) {}};
  auto connections = std::vector{false, true};
  again.reconnect_by([&, i = 0]() mutable -> attempt<void> {
    events.push_back("connect");
    if (connections.at(i++))
      return {};
    return tl::unexpected{failure{.code = errc::node_lost}};
  });
  auto res = again.run([&]() -> attempt<void> {
    events.push_back("try");
    return tl::unexpected{failure{.code = errc::node_lost}};
  });
  CHECK(res.error().code == errc::node_lost);
  CHECK(events == std::vector<std::string>{"try", "connect", "connect", "try"});
}

TEST_CASE("the reason of a failed connection is reported") {
  retry_policy again{2, [](const std::string&) {}};
  again.reconnect_by([]() -> attempt<void> {
    return tl::unexpected{failure{.code = errc::not_supported}};
  });
  auto res = again.run([]() -> attempt<void> {
    return tl::unexpected{failure{.code = errc::node_lost}};
  });
  CHECK(res.error().code == errc::not_supported);
}
