// One random history of a queue.
#pragma once

#include "choices.hpp"
#include "client.hpp"
#include "model.hpp"
#include "shares.hpp"
#include "watcher.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace spindle::sim {

/// Sends random requests to a queue, runs its actors in random order, kills
/// some of them, and compares the results with the model. The seed determines
/// all of it.
class history {
public:
  /// @param verbose prints each step on stdout.
  history(test::world& world, uint64_t seed, bool verbose);

  ~history();

  /// @throws broken_promise
  void run();

  /// Returns how many operations and lists were requested.
  size_t requests() const;

  /// Returns the greatest `greatest_lead` of its clients and lanes.
  double lead() const {
    return lead_;
  }

  /// Returns how many disk actors were killed.
  size_t kills() const {
    return kills_;
  }

private:
  /// A client of the queue.
  struct client {
    client_actor actor;
    client_state* state = nullptr;
    /// Whether it names lanes and a weight, as the gateway of a node does for
    /// its clients. Otherwise it has one lane and weight 1.
    bool names_lanes = false;
    uint64_t lanes = 1;
    unsigned weight = 1;
  };

  // -- steps ------------------------------------------------------------------

  void do_something();

  void ask();

  /// Has clients ask until their lanes are full, while the disk does nothing.
  void pile_up();

  void cancel();

  void kill_disk_actor();

  void run_one_actor();

  void run_until_idle();

  void shut_down();

  client& any_client();

  void spawn_clients();

  /// Returns what makes the engines of the disk actors; empty if nothing awaits
  /// the device.
  test::bare_engine_maker engines(size_t depth);

  /// Gives each lane its own directory, if `resting_`.
  void part_lanes(fs::vfs& disk) const;

  static void tell(const client& who, std::function<void()> what);

  void say(const std::string& what) const;

  // -- checks -----------------------------------------------------------------

  /// When all actors are idle: checks that no operation is pending, which would
  /// mean that the turn is lost.
  void check_idle();

  void check_end();

  void check_client(const client& who);

  /// Checks the responses in a lane, and assigns the executed jobs to its
  /// requests.
  void check_lane(const client& who, uint64_t member);

  /// Checks that clients had their shares of the disk, and lanes those of their
  /// clients.
  void check_shares();

  void check_cancelled();

  void check_model();

  // -- member variables -------------------------------------------------------

  test::world& world_;
  choices choices_;
  bool verbose_;
  /// Whether operations rest and others run in between. Then each lane has its
  /// own directory and no call fails, so that each lane must behave as if it
  /// were alone.
  bool resting_;
  /// Whether operations await the device. What is lost with a disk actor may be
  /// done in part then, so none is killed; tests/unit/queue does that.
  bool awaits_ = false;
  std::vector<std::pair<size_t, int>> faults_;
  fragile_disk disk_;
  promises promises_;
  std::shared_ptr<watcher> watcher_;
  std::shared_ptr<test::bare_queue> queue_;
  std::vector<client> clients_;
  /// The executed requests, by job number.
  std::map<uint64_t, const request*> done_;
  double lead_ = 0;
  size_t kills_ = 0;
  bool shut_down_ = false;
  /// Whether an operation was stopped that may be partly done.
  bool has_parts_ = false;
};

} // namespace spindle::sim
