// Random histories of a scheduler: whoever has work gets its share, and the
// order of each lane is kept.
#include "catch.hpp"
#include "fake_job.hpp"

#include "spindle/queue/scheduler.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <limits>
#include <map>
#include <random>
#include <string>

using namespace spindle;
using namespace std::literals;
using test::fake_job;
using test::fake_job_ptr;

namespace {

/// The longest time at the disk without a rest.
constexpr std::chrono::microseconds quantum{100};

/// Returns how many histories to run; SPINDLE_HISTORIES may ask for others.
size_t histories() {
  auto* asked = std::getenv("SPINDLE_HISTORIES");
  return asked ? std::stoul(asked) : 2'000;
}

/// Compares the service of those who have work.
///
/// By the theorem of start-time fair queueing, while two have work all the
/// time, their services, each divided by its weight, differ by no more than
/// what each of them gets at once, divided by its weight.
class fairness {
public:
  void set_weight(uint64_t who, unsigned weight) {
    members_[who].weight = weight;
  }

  void has_work(uint64_t who) {
    if (std::exchange(members_[who].busy, true))
      return;
    for (auto& [other, member] : members_)
      spread_.erase(pair_of(who, other));
  }

  void has_no_work(uint64_t who) {
    members_[who].busy = false;
  }

  void served(uint64_t who, std::chrono::nanoseconds time) {
    auto& member = members_[who];
    member.service += static_cast<double>(time.count()) / member.weight;
    for (auto& [other, x] : members_)
      if (other != who && x.busy && member.busy)
        note(who, other);
  }

  /// Returns the greatest difference, divided by the one that is allowed.
  double worst() const {
    return worst_;
  }

private:
  struct member {
    unsigned weight = 1;
    bool busy = false;
    double service = 0;
  };

  struct range {
    double least = std::numeric_limits<double>::max();
    double most = std::numeric_limits<double>::lowest();
  };

  static std::pair<uint64_t, uint64_t> pair_of(uint64_t x, uint64_t y) {
    return std::minmax(x, y);
  }

  void note(uint64_t x, uint64_t y) {
    auto [a, b] = pair_of(x, y);
    auto& first = members_[a];
    auto& second = members_[b];
    auto& seen = spread_[{a, b}];
    auto difference = first.service - second.service;
    seen.least = std::min(seen.least, difference);
    seen.most = std::max(seen.most, difference);
    std::chrono::duration<double, std::nano> once = quantum;
    auto allowed = once.count() / first.weight + once.count() / second.weight;
    worst_ = std::max(worst_, (seen.most - seen.least) / allowed);
  }

  std::map<uint64_t, member> members_;
  std::map<std::pair<uint64_t, uint64_t>, range> spread_;
  double worst_ = 0;
};

/// One random history of clients, each with some lanes.
class history {
public:
  explicit history(uint64_t seed) : random_(seed) {
    clients_ = 1 + pick(32);
    for (uint64_t i = 1; i <= clients_; ++i) {
      weights_[i] = static_cast<unsigned>(1 + pick(8));
      by_client_.set_weight(i, weights_[i]);
    }
  }

  void run(size_t steps) {
    for (size_t i = 0; i < steps; ++i) {
      if (pick(3) == 0)
        ask();
      else if (pick(20) == 0)
        cancel();
      else if (pick(100) == 0)
        die();
      else
        turn();
    }
    while (load() > 0)
      turn();
  }

  std::string complaint;

  double worst() const {
    auto res = by_client_.worst();
    for (const auto& [client, lanes] : by_lane_)
      res = std::max(res, lanes.worst());
    return res;
  }

private:
  size_t pick(size_t below) {
    return std::uniform_int_distribution<size_t>{0, below - 1}(random_);
  }

  uint64_t load() const {
    auto now = all_.load();
    return now.waiting + now.resting + now.running;
  }

  /// A client asks for some jobs, in one of up to three lanes.
  void ask() {
    auto client = 1 + pick(clients_);
    lane_id where{client, pick(3)};
    for (auto count = 1 + pick(8); count > 0; --count) {
      auto what = jobs_.make("", 1, pick(10) == 0);
      expected_[where].push_back(what->number);
      by_client_.has_work(client);
      by_lane_[client].has_work(where.member);
      std::ignore = all_.push(where, weights_[client], std::move(what));
    }
  }

  /// Executes a turn; what rests is longer than a quantum.
  void turn() {
    all_.begin(holder_, 1 + pick(64));
    while (auto what = all_.take(holder_)) {
      note_start(*what);
      std::chrono::nanoseconds time{1000 + pick(quantum.count() * 1000 - 1000)};
      auto rests = !what->exclusive && pick(4) == 0;
      if (rests)
        all_.rest(holder_, time);
      else
        all_.done(holder_, time);
      note_end(*what, time, !rests);
      if (rests)
        break;
    }
    auto ended = all_.end(holder_, 3 - holder_);
    deliver(ended.results);
    if (ended.then == scheduler<fake_job>::fate::passed)
      holder_ = 3 - holder_;
  }

  /// Of a lane, nothing may begin before what was asked for earlier.
  void note_start(const fake_job& what) {
    const auto& waiting = expected_[what.lane];
    if (waiting.empty() || waiting.front() != what.number)
      complaint = "job " + std::to_string(what.number) + " came out of order";
  }

  void note_end(const fake_job& what, std::chrono::nanoseconds time,
                bool is_done) {
    auto [client, member] = what.lane;
    by_client_.served(client, time);
    by_lane_[client].served(member, time);
    if (is_done)
      remove(what);
  }

  void remove(const fake_job& what) {
    std::erase(expected_[what.lane], what.number);
    if (expected_[what.lane].empty())
      by_lane_[what.lane.client].has_no_work(what.lane.member);
    auto is_idle = true;
    for (uint64_t member = 0; member < 3; ++member)
      is_idle &= expected_[{what.lane.client, member}].empty();
    if (is_idle)
      by_client_.has_no_work(what.lane.client);
  }

  void cancel() {
    if (expected_.empty())
      return;
    auto& waiting
      = std::next(expected_.begin(), static_cast<long>(pick(expected_.size())))
          ->second;
    if (waiting.empty())
      return;
    auto [what, state] = all_.cancel(waiting[pick(waiting.size())]);
    if (what && what->state == job_state::done) {
      remove(*what);
      deliver({what});
    }
  }

  /// The disk actor that has no turn dies.
  void die() {
    // A successor that had the number of the other could not be told apart.
    auto left = all_.replace(3 - holder_, 3 - holder_);
    if (left.had_turn)
      complaint = "whoever had no turn left one";
    deliver(left.lost);
  }

  void deliver(const scheduler<fake_job>::job_list& done) {
    fake_job::totals sum;
    for (const auto& what : done)
      sum += {1, what->ops, what->bytes};
    std::ignore = all_.delivered(sum);
  }

  struct before {
    bool operator()(const lane_id& x, const lane_id& y) const {
      return std::pair{x.client, x.member} < std::pair{y.client, y.member};
    }
  };

  std::mt19937_64 random_;
  size_t clients_ = 0;
  std::map<uint64_t, unsigned> weights_;
  test::fake_jobs jobs_;
  scheduler<fake_job> all_{1, 2};
  uint64_t holder_ = 1;
  /// Jobs of each lane that are not done, in the order of the requests.
  std::map<lane_id, std::deque<uint64_t>, before> expected_;
  fairness by_client_;
  /// Of the lanes of each client.
  std::map<uint64_t, fairness> by_lane_;
};

} // namespace

TEST_CASE("in random histories, whoever has work gets its share") {
  for (uint64_t seed = 1; seed <= histories(); ++seed) {
    history one{seed};
    one.run(200);
    CAPTURE(seed);
    REQUIRE(one.complaint.empty());
    REQUIRE(one.worst() <= 1.0 + 1e-9);
  }
}
