#include "kit.hpp"

#include "spindle/config/dump.hpp"

#include <random>

using namespace spindle::config;
using namespace std::literals;
using kit::good;

namespace {

void check_round_trip(const configuration& x) {
  auto text = to_toml(x);
  CAPTURE(text);
  auto read = good(text);
  CHECK(kit::same(read.queue, x.queue));
  CHECK(read.queue.profiles == x.queue.profiles);
}

bool has_line(const std::string& text, const std::string& line) {
  return ('\n' + text).find('\n' + line + '\n') != std::string::npos;
}

} // namespace

TEST_CASE("the built-in configuration can be dumped and loaded") {
  check_round_trip({});
}

TEST_CASE("a loaded configuration can be dumped and loaded again") {
  check_round_trip(good("[queue]\nturn_quantum = \"1234567ns\"\n"
                        "max_read_bytes = 723518\ndetach_all = true\n"
                        "depth = 17\nengine = \"plain\"\n"
                        "[profiles.mine]\nbase = \"10\"\nmax_rate = 12345\n"
                        "bandwidth_pct = 0.1\npacing = \"relative\"\n"
                        "latency_goal = 1.25\n"
                        "[profiles.-_9]\nbase = \"mine\"\n"
                        "max_rate = \"unlimited\"\nchain_wait = 0\n"
                        "latency_goal = \"none\"\n"
                        "[profiles.4]\nrate_smoothing = 4294967295\n"));
}

TEST_CASE("any values can be dumped and loaded") {
  std::mt19937_64 random{4711};
  auto any
    = [&](uint64_t max) { return 1 + (random() % max >> random() % 40); };
  for (int i = 0; i < 200; ++i) {
    configuration x;
    x.queue.max_pending_ops = any(INT64_MAX);
    x.queue.bytes_per_turn = any(uint64_t{1} << 50);
    x.queue.turn_quantum = std::chrono::nanoseconds{any(1'000'000'000'000)};
    x.queue.depth = any(spindle::settings::max_depth);
    x.queue.engine = static_cast<spindle::engine_choice>(
      random() % spindle::engine_choice_count);
    for (auto& y : x.queue.profiles) {
      y.chunk_size = any(uint64_t{1} << 50);
      y.chain_wait = std::chrono::nanoseconds{any(1'000'000'000'000) - 1};
      y.bandwidth_pct = static_cast<double>(any(1'000'000)) / 1e4;
      y.max_rate = any(uint64_t{1} << 50);
      y.rate_smoothing = static_cast<uint32_t>(any(UINT32_MAX));
      y.weight = static_cast<uint32_t>(any(UINT32_MAX));
      y.latency_goal = std::chrono::nanoseconds{any(1'000'000'000'000)};
    }
    check_round_trip(x);
  }
}

TEST_CASE("each value is dumped with its origin") {
  auto text = to_toml(good("[queue]\nops_per_turn = 5\n"
                           "[profiles.mine]\nbase = \"7\"\nmax_rate = 1e6\n"));
  CHECK(has_line(text, "[queue]"));
  CHECK(has_line(text, "ops_per_turn = 5                    # x.toml:2"));
  CHECK(has_line(text, "turn_quantum = \"10ms\"               # built-in"));
  CHECK(has_line(text, "depth = 64                          # built-in"));
  CHECK(has_line(text, "engine = \"auto\"                     # built-in"));
  CHECK(has_line(text, "[profiles.1]"));
  CHECK(has_line(text, "chunk_size = \"5MiB\"                 # built-in"));
  CHECK(has_line(text, "latency_goal = \"none\"               # built-in"));
  CHECK(has_line(text,
                 "latency_goal = \"10ms\"               # built-in profile 7"));
  CHECK(has_line(text, "[profiles.mine]"));
  CHECK(has_line(text,
                 "chain_wait = \"2.4ms\"                # built-in profile 7"));
  CHECK(has_line(text, "max_rate = \"1MB/s\"                  # x.toml:5"));
}

TEST_CASE("a file name with special characters does not break a dump") {
  auto res = parse("[queue]\nops_per_turn = 5\n", "a\nb\xff");
  REQUIRE(res);
  auto text = to_toml(*res);
  CHECK(has_line(text, "ops_per_turn = 5                    # a\\x0ab\\xff:2"));
  CHECK(good(text).queue.ops_per_turn == 5);
}
