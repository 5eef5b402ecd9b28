// SIGINT and SIGTERM as calls of a function.
#pragma once

#include "cli/stop.hpp"

#include <functional>
#include <thread>

namespace spindle::tool {

/// Takes SIGINT and SIGTERM as long as it lives. Make it before any other
/// thread, so that all of them leave these signals to it.
class signal_watch {
public:
  /// @throws std::system_error
  signal_watch();

  signal_watch(const signal_watch&) = delete;

  signal_watch& operator=(const signal_watch&) = delete;

  ~signal_watch();

  /// Calls `fun` in a thread of its own: with the number of the signal, and
  /// with how many have come, this one included. From the third one on, signals
  /// have their usual effect. A signal that is ignored already (nohup) stays
  /// so.
  void start(std::function<void(int signal, int count)> fun);

  /// Stops to watch; returns when no call of `fun` runs any more.
  void end();

private:
  void watch(const std::function<void(int, int)>& fun);

  stop_event ended_;
  int signals_;
  std::thread thread_;
};

} // namespace spindle::tool
