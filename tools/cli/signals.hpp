// SIGINT and SIGTERM, passed to a function.
#pragma once

#include "cli/stop.hpp"

#include <functional>
#include <thread>

namespace spindle::tool {

/// Receives SIGINT and SIGTERM during its lifetime. Must be constructed before
/// any other thread starts, since each thread inherits the blocked signals.
class signal_watch {
public:
  /// @throws std::system_error
  signal_watch();

  signal_watch(const signal_watch&) = delete;

  signal_watch& operator=(const signal_watch&) = delete;

  ~signal_watch();

  /// Starts a thread that calls `fun` for the first two signals, with the
  /// number of the signal and how many have arrived. From the second call on,
  /// signals have their default effect again. A signal that was ignored at
  /// construction (nohup) stays ignored.
  void start(std::function<void(int signal, int count)> fun);

  /// Ends the thread; waits for a running call of `fun`.
  void end();

private:
  void watch(const std::function<void(int, int)>& fun);

  stop_event ended_;
  int signals_;
  std::thread thread_;
};

} // namespace spindle::tool
