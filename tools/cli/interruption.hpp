// SIGINT and SIGTERM for commands that leave nothing half done.
#pragma once

#include "cli/signals.hpp"

#include "spindle/fs/testing/faulty_vfs.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace spindle::tool {

/// Ends a command at a signal. What the queue of this process is doing then
/// fails, and tidies up as after any other failure; what comes next is not
/// begun. A second signal ends the program at once. Make it before any other
/// thread.
class interruption {
public:
  /// @param command names who is stopped.
  /// @param at_once whether the first signal ends the program: for operations
  ///        of a node, which finishes what it has begun.
  interruption(std::string command, bool at_once);

  /// Returns the disk for the queue, which can be stopped.
  const std::shared_ptr<fs::faulty_vfs>& disk() const {
    return disk_;
  }

  /// Returns whether a signal came. Any thread may call.
  bool requested() const {
    return signal_ != 0;
  }

  /// Tells of the signal, if it has kept the command from something.
  /// @param code what the command exits with.
  int finish(int code);

private:
  void stop(int signal, int count);

  /// Lets everything fail that makes or changes something, so that removing is
  /// what remains.
  void fail_all();

  void tell() const;

  std::string command_;
  bool at_once_;
  std::shared_ptr<fs::faulty_vfs> disk_;
  std::atomic<int> signal_ = 0;
  signal_watch signals_;
};

/// Returns whether something failed for no other reason than a signal.
bool is_interrupted(const failure& why);

} // namespace spindle::tool
