// Writes outcomes, one JSON object a line, and knows how it all went.
#pragma once

#include "run/json_request.hpp"
#include "run/run_progress.hpp"

#include "spindle/message/interfaces.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

namespace spindle::tool {

/// Where outcomes and progress go.
struct report_streams {
  int outcomes = 1;
  int progress = 2;
};

/// Writes outcomes as soon as it is told. Any thread may call.
class reporter {
public:
  /// @param on_broken is called once, by the thread that reports, if outcomes
  ///        cannot be written; they are dropped from then on.
  reporter(const report_streams& streams, std::function<void()> on_broken);

  /// Reports an operation, or a list after its operations. `output` says why if
  /// it failed.
  void outcome(const heading& what, bool succeeded, json output);

  /// Reports how far an operation or list is.
  void progress(const heading& what, const operation_progress& now);

  /// Reports an answer to a control message.
  void control(const json& id, const char* action, bool succeeded, json output);

  /// Reports a line that was not understood. `input` is what it was parsed to,
  /// or null.
  void bad_line(uint64_t number, const json& input, const bad_request& why);

  /// Says on stderr that outcomes could not be made, for want of memory.
  void outcomes_lost(uint64_t count);

  /// Says on stderr why the input cannot be read.
  void input_failed(const std::string& what);

  /// Says something on stderr. Never waits for a reader of the outcomes.
  void note(const std::string& what);

  /// Removes the progress line.
  void finish();

  /// Returns how many operations were reported. Never waits.
  tally counts() const;

  /// Returns what the program is to exit with (exit_code.hpp). Never waits.
  int status() const;

private:
  /// Writes a line in whole.
  void write_line(std::string line);

  report_streams streams_;
  std::function<void()> on_broken_;
  bool shares_terminal_;

  /// Locked while something is written, however long that takes.
  std::mutex writing_;
  progress_line progress_;

  std::atomic<uint64_t> succeeded_ = 0;
  std::atomic<uint64_t> failed_ = 0;
  /// Whether a list or a control message failed.
  std::atomic<bool> other_failed_ = false;
  std::atomic<bool> bad_input_ = false;
  std::atomic<bool> broken_ = false;
};

} // namespace spindle::tool
