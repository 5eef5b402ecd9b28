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
  size_t requests() const;

  /// Returns how many disk actors were killed.
  size_t kills() const {
    return kills_;
  }

private:
  /// One of those who ask for things.
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

  /// Gives each client a directory of its own, if that is wanted.
  void part_clients(fs::vfs& disk) const;

  static void tell(const client& who, std::function<void()> what);

  void say(const std::string& what) const;

  // -- checks -----------------------------------------------------------------

  /// When nobody has anything to do: nothing waits for a lost turn.
  void check_idle();

  void check_end();

  /// Checks what a client was told, and assigns what was executed to what it
  /// asked for.
  void check_client(const client& who);

  void check_cancelled();

  void check_model();

  // -- member variables -------------------------------------------------------

  test::world& world_;
  choices choices_;
  bool verbose_;
  /// Whether operations rest, and others come in between: then clients have
  /// directories of their own, and nothing fails, so that each lane is as if it
  /// was alone.
  bool resting_;
  std::vector<std::pair<size_t, int>> faults_;
  fragile_disk disk_;
  promises promises_;
  std::shared_ptr<watcher> watcher_;
  std::shared_ptr<test::bare_queue> queue_;
  std::vector<client> clients_;
  /// What was executed, by number.
  std::map<uint64_t, const request*> done_;
  size_t kills_ = 0;
  bool shut_down_ = false;
  /// Whether something was stopped of which a part may be done.
  bool has_parts_ = false;
};

} // namespace spindle::sim
