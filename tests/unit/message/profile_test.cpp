#include "catch.hpp"

#include "spindle/message/profile.hpp"

#include <limits>

using namespace spindle;
using namespace std::literals;

TEST_CASE("built-in profiles go from throughput to interactivity") {
  const auto& all = built_in_profiles();
  REQUIRE(all.size() == 10);
  for (size_t i = 0; i < all.size(); ++i) {
    CAPTURE(i);
    CHECK(all[i].name == std::to_string(i + 1));
    CHECK(!defect_of(all[i]));
    CHECK(all[i].rate_smoothing == 5);
    CHECK(all[i].pacing == pacing::duty_cycle);
    if (i > 0) {
      CHECK(all[i].bandwidth_pct < all[i - 1].bandwidth_pct);
      CHECK(all[i].chunk_size <= all[i - 1].chunk_size);
      CHECK(all[i].chain_wait >= all[i - 1].chain_wait);
    }
    // Those for interactive programs have goals, the gentler the shorter.
    CHECK(all[i].latency_goal.has_value() == (i >= 4));
    if (i > 4)
      CHECK(*all[i].latency_goal < *all[i - 1].latency_goal);
  }
}

TEST_CASE("profiles are found by name") {
  const auto* seven = find_profile(built_in_profiles(), "7");
  REQUIRE(seven);
  CHECK(seven->chain_wait == 2400us);
  CHECK(seven->chunk_size == 723'517);
  CHECK(seven->bandwidth_pct == 45);
  CHECK(seven->latency_goal == 10ms);
  CHECK(find_profile(built_in_profiles(), default_profile));
  CHECK(!find_profile(built_in_profiles(), "11"));
}

TEST_CASE("the defects of invalid profiles are detected") {
  auto with = [](auto change) {
    profile res;
    change(res);
    return defect_of(res).value_or("");
  };
  CHECK(with([](profile&) {}).empty());
  CHECK(with([](profile& x) { x.bandwidth_pct = 0.5; }).empty());
  CHECK(with([](profile& x) { x.bandwidth_pct = 0; })
        == "bandwidth_pct must be greater than 0 and at most 100, found 0");
  CHECK(with([](profile& x) { x.bandwidth_pct = 100.5; }).find("100.5")
        != std::string::npos);
  CHECK(!with([](profile& x) {
           x.bandwidth_pct = std::numeric_limits<double>::quiet_NaN();
         }).empty());
  CHECK(!with([](profile& x) { x.chain_wait = -1ns; }).empty());
  CHECK(!with([](profile& x) { x.chunk_size = 0; }).empty());
  CHECK(!with([](profile& x) { x.rate_smoothing = 0; }).empty());
  CHECK(!with([](profile& x) { x.max_rate = 0; }).empty());
  CHECK(with([](profile& x) { x.latency_goal = 0ns; })
        == "latency_goal must be greater than 0, found 0");
  CHECK(with([](profile& x) { x.latency_goal = 1ns; }).empty());
  CHECK(with([](profile& x) { x.weight = 0; })
        == "weight must be at least 1, found 0");
  CHECK(with([](profile& x) { x.weight = UINT32_MAX; }).empty());
}

TEST_CASE("a profile must not ask for a larger chunk or a higher pace") {
  profile most{.chunk_size = 100, .bandwidth_pct = 45, .max_rate = 1000};
  auto with = [&most](auto change) {
    auto x = most;
    change(x);
    auto less = reduced(x, most);
    CHECK(!excess_of(less, most));
    CHECK((less == x) == !excess_of(x, most));
    return excess_of(x, most).value_or("");
  };
  CHECK(with([](profile&) {}).empty());
  CHECK(with([](profile& x) { x.bandwidth_pct = 72; })
        == "bandwidth_pct is 72, at most 45 is allowed");
  CHECK(with([](profile& x) { x.chunk_size = 101; })
        == "chunk_size is 101, at most 100 is allowed");
  CHECK(with([](profile& x) { x.max_rate = 1001; })
        == "max_rate is 1001, at most 1000 is allowed");
  CHECK(with([](profile& x) { x.max_rate.reset(); })
        == "max_rate is unlimited, at most 1000 is allowed");
  // On a node, the weight of the client applies instead.
  CHECK(with([](profile& x) { x.weight = 4; }).empty());
  CHECK(with([](profile& x) {
          x.chunk_size = 1;
          x.bandwidth_pct = x.rate_smoothing = 1;
          x.max_rate = 1;
        }).empty());
  CHECK(with([](profile& x) { x.latency_goal = 1ns; }).empty());
  most.max_rate.reset();
  CHECK(with([](profile& x) { x.max_rate = 1'000'000; }).empty());
  most.latency_goal = 10ms;
  CHECK(with([](profile& x) { x.latency_goal = 9ms; }).empty());
  CHECK(with([](profile& x) { x.latency_goal = 12'500us; })
        == "latency_goal is 12.5ms, at most 10ms is allowed");
  CHECK(with([](profile& x) { x.latency_goal.reset(); })
        == "latency_goal is none, at most 10ms is allowed");
}
