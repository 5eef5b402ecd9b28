#include "catch.hpp"

#include "world.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"
#include "spindle/writer/writer.hpp"

#include <map>
#include <random>

using namespace spindle;
using namespace std::literals;

// Random graphs of chained writers, with failures, cancels and kills.

namespace {

/// Records the order in which the disk served the writers.
class step_log : public turn_observer {
public:
  void on_taken(uint64_t) override {}

  void on_passed(uint64_t) override {}

  void on_execute(uint64_t, const job& what) override {
    auto* step = std::get_if<stream_step>(&what.what);
    if (!step || step->kind == step_kind::abandon)
      return;
    auto& path = step->to->target().path;
    first.try_emplace(path, ++now);
    last[path] = now;
  }

  size_t now = 0;
  std::map<std::string, size_t> first;
  std::map<std::string, size_t> last;
};

class chain_graph {
public:
  explicit chain_graph(uint32_t seed) : dice_(seed) {
    settings bounds;
    bounds.disk = faulty_;
    queue_ = test::spawn_bare_queue(world_.system(), bounds, log_);
    world_.run();
  }

  chain_graph(const chain_graph&) = delete;

  // Otherwise actors with handles of each other would never be destroyed.
  ~chain_graph() {
    world_.kill(queue_->supervisor);
  }

  void run() {
    auto count = 1 + any(25);
    for (size_t i = 0; i < count; ++i) {
      add();
      disturb();
    }
    for (int i = 0; i < 200; ++i) {
      disturb();
      world_.advance(caf::timespan{1ms});
    }
    for (int i = 0; i < 200; ++i)
      world_.advance(caf::timespan{20ms});
    for (size_t i = 0; i < all_.size(); ++i)
      check(i);
  }

private:
  struct node {
    writer_internal_actor actor;
    std::string path;
    std::string data;
    std::optional<size_t> before;
    chain_policy policy = chain_policy::abort;
    bool missing_directory = false;
    bool disturbed = false;
  };

  size_t any(size_t n) {
    return std::uniform_int_distribution<size_t>{0, n - 1}(dice_);
  }

  bool chance(size_t percent) {
    return any(100) < percent;
  }

  void add() {
    node next;
    next.missing_directory = chance(5);
    next.path
      = (next.missing_directory ? "no/" : "") + std::to_string(all_.size());
    next.data = std::string(any(20), static_cast<char>('a' + any(26)));
    next.policy = chance(30) ? chain_policy::proceed : chain_policy::abort;
    if (!all_.empty() && chance(75))
      next.before = chance(50) ? all_.size() - 1 : any(all_.size());
    profile pace{.name = "p", .chunk_size = 1 + any(8)};
    pace.chain_wait = caf::timespan{1ms} * any(3);
    pace.bandwidth_pct = chance(50) ? 100 : 40;
    next.actor = spawn_writer(
      world_.system(), queue_->supervisor,
      {.path = next.path,
       .mode = write_mode::replace,
       .data = buffer{next.data},
       .profile = pace,
       .chain_after
       = next.before ? writer_actor{all_[*next.before].actor} : writer_actor{},
       .chain_on_error = next.policy});
    all_.push_back(std::move(next));
  }

  /// Lets some actors run; now and then injects a fault, a cancel or a kill.
  void disturb() {
    for (auto n = any(30); n > 0; --n)
      world_.step([this](size_t k) { return any(k); });
    auto& victim = all_[any(all_.size())];
    if (chance(2)) {
      faulty_->plan().fail(fs::call_kind::write, 1 + any(3), ENOSPC);
      faults_ = true;
    } else if (chance(2)) {
      cafx::anon_mail(cancel_writing{}).send(victim.actor);
      victim.disturbed = true;
    } else if (chance(2)) {
      caf::anon_send_exit(victim.actor, caf::exit_reason::kill);
      victim.disturbed = true;
    }
  }

  void check(size_t i) {
    const auto& x = all_[i];
    INFO("writer " << i);
    REQUIRE(world_.terminated(x.actor));
    auto last = world_.ask(queue_->supervisor, recall_writer{x.actor});
    // A writer that was killed before it was registered is unknown.
    auto code = !last       ? errc::writer_lost
              : last->error ? last->error->code
                            : errc::none;
    good_.push_back(code == errc::none);
    check_error(x, code);
    check_order(x);
    check_content(x, code);
  }

  void check_error(const node& x, errc code) {
    CAPTURE(to_string(code));
    auto broken
      = x.before && !good_[*x.before] && x.policy == chain_policy::abort;
    if (code == errc::none)
      CHECK(!broken);
    else if (code == errc::chain_broken)
      CHECK(broken);
    else if (code == errc::not_found)
      CHECK(x.missing_directory);
    else if (code == errc::no_space)
      CHECK(faults_);
    else
      CHECK((x.disturbed
             && (code == errc::cancelled || code == errc::writer_lost)));
  }

  void check_order(const node& x) {
    auto mine = log_->first.find(x.path);
    if (!x.before || mine == log_->first.end())
      return;
    auto earlier = log_->last.find(all_[*x.before].path);
    if (earlier != log_->last.end())
      CHECK(earlier->second < mine->second);
  }

  void check_content(const node& x, errc code) {
    auto res = world_.ask(queue_->supervisor, file_read{.path = x.path});
    // A writer that was killed may have written everything.
    if (code == errc::none) {
      REQUIRE(res);
      CHECK(res->text() == x.data);
    } else if (code != errc::writer_lost) {
      CHECK(!res);
    } else if (res) {
      CHECK(res->text() == x.data);
    }
  }

  std::mt19937 dice_;
  test::world world_;
  std::shared_ptr<fs::faulty_vfs> faulty_
    = std::make_shared<fs::faulty_vfs>(std::make_shared<fs::memory_vfs>());
  std::shared_ptr<step_log> log_ = std::make_shared<step_log>();
  std::shared_ptr<test::bare_queue> queue_;
  std::vector<node> all_;
  std::vector<bool> good_;
  bool faults_ = false;
};

} // namespace

TEST_CASE("random graphs of chained writers keep order, errors and content") {
  for (uint32_t seed = 1; seed <= 1000; ++seed) {
    CAPTURE(seed);
    chain_graph{seed}.run();
  }
}
