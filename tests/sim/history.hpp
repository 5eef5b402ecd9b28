// One random history of a queue.
#pragma once

#include "choices.hpp"
#include "client.hpp"
#include "model.hpp"
#include "watcher.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace spindle::sim {

/// Asks a queue for random things, lets its actors run in random order, kills
/// some, and compares what comes of it with the model. All of it follows from
/// the seed.
class history {
public:
  /// @param verbose tells each step on stdout.
  history(test::world& world, uint64_t seed, bool verbose);

  ~history();

  /// @throws broken_promise
  void run();

  /// Returns how many operations and lists were asked for.
  size_t requests() const {
    return client_->requests.size();
  }

  /// Returns how many disk actors were killed.
  size_t kills() const {
    return kills_;
  }

private:
  // -- steps ------------------------------------------------------------------

  void do_something();

  void ask();

  void cancel();

  void kill_disk_actor();

  void run_one_actor();

  void run_until_idle();

  void shut_down();

  void tell_client(std::function<void()> what);

  void say(const std::string& what) const;

  // -- checks -----------------------------------------------------------------

  /// When nobody has anything to do: nothing waits for a lost turn.
  void check_idle();

  void check_end();

  void check_tickets();

  void check_model();

  // -- member variables -------------------------------------------------------

  test::world& world_;
  choices choices_;
  bool verbose_;
  std::vector<std::pair<size_t, int>> faults_;
  fragile_disk disk_;
  promises promises_;
  std::shared_ptr<watcher> watcher_;
  std::shared_ptr<test::bare_queue> queue_;
  client_actor client_actor_;
  client_state* client_ = nullptr;
  size_t kills_ = 0;
  bool shut_down_ = false;
};

} // namespace spindle::sim
