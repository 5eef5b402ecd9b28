// Writers with a latency goal on a disk where the waiting times of others
// depend on what all writers do together.
#include "catch.hpp"

#include "spindle/queue/share_controller.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <vector>

using namespace spindle;
using namespace std::literals;

namespace {

using nanoseconds = share_controller::duration;

/// How the waiting time of others grows with the duty of all writers together.
enum class growth {
  linear,
  square,
  /// As in a queue that has no room left at 100 %.
  queue,
};

/// Writers of one profile, and others that wait for them.
struct shared_disk {
  // -- the disk ---------------------------------------------------------------

  growth kind = growth::linear;
  size_t writers = 4;
  /// Duty of each writer with its whole share.
  double duty = 0.2;
  nanoseconds goal = 4ms;
  /// The share at which others wait for as long as the goal.
  double critical = 0.5;
  /// By how much the waiting times of a period vary at random: 0.2 for 20 %.
  double noise = 0;
  std::mt19937_64 engine{1};

  // -- what happens -----------------------------------------------------------

  share_controller all{};
  share_controller::time_point now = share_controller::time_point{} + 1h;
  /// The share in each period.
  std::vector<double> shares{};
  /// Duty of a writer in each period.
  std::vector<double> duties{};

  /// Lets periods pass in which others have work for the disk.
  void run(int periods) {
    for (int i = 0; i < periods; ++i) {
      auto duty_now = duty_at(all.share(goal, now));
      have_others_wait(wait_at(duty_now * static_cast<double>(writers)));
      shares.push_back(all.share(goal, now));
      duties.push_back(duty_at(shares.back()));
    }
  }

  /// Has others wait in a period: a fiftieth of them that long, the rest less.
  void have_others_wait(nanoseconds wait) {
    constexpr int operations = 200;
    for (int i = 0; i < operations; ++i)
      all.on_start(now, i % 50 == 0 ? wait : wait / 10);
    now += share_controller::period;
  }

  /// As the pacer does it.
  double duty_at(double share) const {
    return std::max(duty * share, std::min(duty, 0.01));
  }

  nanoseconds wait_at(double total) {
    auto part
      = level(total) / level(duty * critical * static_cast<double>(writers));
    auto exponent = std::uniform_real_distribution{-1.0, 1.0}(engine);
    part *= std::pow(1 + noise, exponent);
    return nanoseconds{std::llround(part * static_cast<double>(goal.count()))};
  }

  double level(double total) const {
    switch (kind) {
      case growth::linear:
        return total;
      case growth::square:
        return total * total;
      case growth::queue:
        return std::min(total, 0.99) / (1 - std::min(total, 0.99));
    }
    return 0;
  }
};

constexpr growth all_growths[]
  = {growth::linear, growth::square, growth::queue};

/// Returns disks with few and many writers, and goals that allow much or
/// little.
std::vector<shared_disk> many_disks() {
  struct choice {
    size_t writers;
    double duty;
    double critical;
  };
  std::vector<shared_disk> res;
  for (auto kind : all_growths)
    for (auto goal : {4ms, 10ms, 25ms})
      for (auto [writers, duty, critical] :
           {choice{1, 0.65, 0.5}, choice{4, 0.2, 0.2}, choice{4, 0.2, 0.6},
            choice{8, 0.3, 0.1}, choice{8, 0.3, 0.3}, choice{3, 0.55, 0.25}})
        res.push_back({.kind = kind,
                       .writers = writers,
                       .duty = duty,
                       .goal = goal,
                       .critical = critical});
  return res;
}

double mean(const std::vector<double>& xs, size_t from) {
  auto first = xs.begin() + static_cast<ptrdiff_t>(from);
  return std::accumulate(first, xs.end(), 0.0)
       / static_cast<double>(xs.end() - first);
}

/// How far the shares from `from` on are from their mean: 0.2 for 20 %.
double swing(const std::vector<double>& xs, size_t from) {
  auto first = xs.begin() + static_cast<ptrdiff_t>(from);
  auto [least, most] = std::minmax_element(first, xs.end());
  auto middle = mean(xs, from);
  return std::max(*most - middle, middle - *least) / middle;
}

/// Periods after which the shares have settled.
constexpr size_t settled = 120;

constexpr int periods = 1500;

} // namespace

TEST_CASE("the share converges from both sides to what the goal allows") {
  auto from_below = GENERATE(false, true);
  auto noise = GENERATE(0.0, 0.1);
  auto seed = GENERATE(1u, 2u, 3u);
  CAPTURE(from_below, noise, seed);
  for (auto& disk : many_disks()) {
    CAPTURE(static_cast<int>(disk.kind), disk.writers, disk.critical,
            disk.goal.count());
    disk.noise = noise;
    disk.engine.seed(seed);
    // Others have waited for a long time before.
    if (from_below)
      for (int i = 0; i < 30; ++i)
        disk.have_others_wait(disk.goal * 100);
    disk.run(periods);
    // Others wait for up to an eighth longer than the goal unnoticed.
    auto found = mean(disk.shares, settled);
    CHECK(found > 0.9 * disk.critical);
    CHECK(found < 1.13 * disk.critical);
    CHECK(std::abs(disk.shares[settled] - found) < 0.2 * found);
    // It does not swing.
    CHECK(swing(disk.shares, settled) < 0.2);
  }
}

TEST_CASE("the share stays near that also if waiting times vary widely") {
  auto [noise, least, most]
    = GENERATE(Catch::Generators::table<double, double, double>(
      {{0.2, 0.8, 0.35}, {0.5, 0.65, 0.6}}));
  auto seed = GENERATE(1u, 2u, 3u);
  CAPTURE(noise, seed);
  for (auto& disk : many_disks()) {
    CAPTURE(static_cast<int>(disk.kind), disk.writers, disk.critical,
            disk.goal.count());
    disk.noise = noise;
    disk.engine.seed(seed);
    disk.run(periods);
    CHECK(mean(disk.shares, settled) > least * disk.critical);
    CHECK(mean(disk.shares, settled) < 1.13 * disk.critical);
    CHECK(swing(disk.shares, settled) < most);
  }
}

TEST_CASE("no writer has less than a hundredth of the time, or too much") {
  auto kind
    = GENERATE(from_range(std::begin(all_growths), std::end(all_growths)));
  for (auto duty : {0.005, 0.01, 0.02, 0.2, 0.65, 1.0}) {
    CAPTURE(static_cast<int>(kind), duty);
    // Whatever the writers do, others wait too long.
    shared_disk disk{.kind = kind, .duty = duty, .critical = 1e-6};
    disk.run(periods);
    for (auto x : disk.duties)
      if (x < std::min(duty, 0.01) || x > duty)
        FAIL(x);
    CHECK(disk.duties.back() == std::min(duty, 0.01));
  }
}

TEST_CASE("the share follows a load that comes and goes") {
  for (auto& disk : many_disks()) {
    CAPTURE(static_cast<int>(disk.kind), disk.writers, disk.critical,
            disk.goal.count());
    disk.noise = 0.2;
    disk.run(periods);
    auto usual = disk.shares.back();
    // Others need the disk for a hundred times as long.
    auto before = disk.shares.size();
    for (int i = 0; i < 10; ++i) {
      disk.have_others_wait(disk.goal * 100);
      disk.shares.push_back(disk.all.share(disk.goal, disk.now));
    }
    CHECK(disk.shares.back()
          < std::max(0.2 * usual, 1.01 * share_controller::least));
    CHECK(disk.shares[before + 4] < 0.6 * usual);
    // Nobody else has work.
    disk.now += 12s;
    CHECK(disk.all.share(disk.goal, disk.now) == 1);
  }
}
