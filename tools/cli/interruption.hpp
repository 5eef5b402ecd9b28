// SIGINT and SIGTERM for commands that clean up before they end.
#pragma once

#include "cli/signals.hpp"

#include "spindle/fs/testing/faulty_vfs.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace spindle::tool {

/// Ends a command at a signal. Operations of the local queue then fail with
/// ECANCELED and clean up as after any failure; further operations are not
/// started. A second signal ends the program at once. Must be constructed
/// before any other thread starts, since it blocks the signals.
class interruption {
public:
  /// @param command the name of the command, for the message.
  /// @param at_once whether the first signal ends the program: for operations
  ///        of a node, which completes them in any case.
  interruption(std::string command, bool at_once);

  /// Returns the disk for the local queue; a signal makes its calls fail.
  const std::shared_ptr<fs::faulty_vfs>& disk() const {
    return disk_;
  }

  /// Returns whether a signal arrived. Thread-safe.
  bool requested() const {
    return signal_ != 0;
  }

  /// Ends the watch for signals, and writes the signal to stderr if the command
  /// failed after it.
  /// @param code the exit code of the command, which is returned.
  int finish(int code);

private:
  void stop(int signal, int count);

  /// Makes each call fail that creates or changes something. Removing still
  /// works, so that operations can clean up.
  void fail_all();

  void report() const;

  std::string command_;
  bool at_once_;
  std::shared_ptr<fs::faulty_vfs> disk_;
  std::atomic<int> signal_ = 0;
  signal_watch signals_;
};

/// Returns whether something failed because of a signal.
bool is_interrupted(const failure& why);

} // namespace spindle::tool
