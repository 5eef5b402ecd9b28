// One random history of a queue.
#pragma once

#include "choices.hpp"
#include "client.hpp"
#include "model.hpp"
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

  /// Returns how many disk actors were killed.
  size_t kills() const {
    return kills_;
  }

private:
  /// A client of the queue.
  struct client {
    client_actor actor;
    client_state* state = nullptr;
  };

  // -- steps ------------------------------------------------------------------

  void do_something();

  void ask();

  void cancel();

  void kill_disk_actor();

  void run_one_actor();

  void run_until_idle();

  void shut_down();

  client& any_client();

  /// Gives each client its own directory, if `resting_`.
  void part_clients(fs::vfs& disk) const;

  static void tell(const client& who, std::function<void()> what);

  void say(const std::string& what) const;

  // -- checks -----------------------------------------------------------------

  /// When all actors are idle: checks that no operation is pending, which would
  /// mean that the turn is lost.
  void check_idle();

  void check_end();

  /// Checks the responses to a client, and assigns the executed jobs to its
  /// requests.
  void check_client(const client& who);

  void check_cancelled();

  void check_model();

  // -- member variables -------------------------------------------------------

  test::world& world_;
  choices choices_;
  bool verbose_;
  /// Whether operations rest and others run in between. Then each client has
  /// its own directory and no call fails, so that each lane must behave as if
  /// it were alone.
  bool resting_;
  std::vector<std::pair<size_t, int>> faults_;
  fragile_disk disk_;
  promises promises_;
  std::shared_ptr<watcher> watcher_;
  std::shared_ptr<test::bare_queue> queue_;
  std::vector<client> clients_;
  /// The executed requests, by job number.
  std::map<uint64_t, const request*> done_;
  size_t kills_ = 0;
  bool shut_down_ = false;
  /// Whether an operation was stopped that may be partly done.
  bool has_parts_ = false;
};

} // namespace spindle::sim
