// The transfers of one command, and what it writes about them.
#pragma once

#include "cli/complaints.hpp"
#include "cli/signals.hpp"
#include "text/byte_progress.hpp"
#include "text/json_line.hpp"
#include "transfer/retry_policy.hpp"
#include "transfer/transfer.hpp"
#include "transfer/transfer_command.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace spindle::tool {

/// Transfers one file after the other. Must be constructed before any other
/// thread starts, since it blocks the signals.
class transfer_session {
public:
  /// @param command the name of the command, for messages.
  transfer_session(std::string command, const transfer_options& options);

  /// Makes `finish` report the totals, instead of each file its own result.
  void expect_many() {
    many_ = true;
  }

  /// Transfers a file, and reports progress and result.
  /// @param job its `stop` is set here if the source is a stream.
  void bring(transfer_job job);

  /// Reports a failure outside of `bring`.
  void fail(const failure& why);

  /// Returns whether to end the command: a signal arrived, the node is lost, or
  /// the output could not be written.
  bool ended() const {
    return lost_ || output_code_ != 0 || signal_ != 0;
  }

  /// Returns the policy for retries.
  retry_policy& again() {
    return again_;
  }

  /// Reports the totals, and returns the exit code.
  int finish();

private:
  using clock = std::chrono::steady_clock;

  /// Sums over all transfers.
  struct totals {
    uint64_t files = 0;
    uint64_t skipped = 0;
    uint64_t bytes = 0;
    uint64_t resumed = 0;
  };

  // -- events -----------------------------------------------------------------

  transfer_events events();

  attempt<void> try_once(const transfer_job& job, bool again);

  void show(uint64_t done, std::optional<uint64_t> total);

  /// Called in the thread of `signals_`.
  void on_signal(int signal, int count);

  void succeed();

  void fail_transfer(failure why);

  // -- output -----------------------------------------------------------------

  std::string prefixed(const std::string& text) const;

  failure stopped() const;

  std::string rate_and_time(uint64_t bytes) const;

  std::string summary_text() const;

  std::string totals_text() const;

  double elapsed_s() const;

  double rate(uint64_t bytes) const;

  json to_json(const failure* why) const;

  void print_json(const json& what);

  std::string command_;
  const transfer_options& options_;
  complaints failed_;
  byte_progress line_{STDERR_FILENO};
  retry_policy again_;
  std::atomic<bool> many_ = false;
  bool lost_ = false;
  int output_code_ = 0;
  totals totals_;
  /// Start of the first transfer that the rate includes, and the bytes that
  /// were there then.
  std::optional<clock::time_point> begin_;
  uint64_t begin_bytes_ = 0;
  clock::time_point shown_;
  /// Guards `transfer_`, `source_`, `is_committing_` and `totals_`, which the
  /// thread of `signals_` reads.
  std::mutex mutex_;
  std::optional<transfer> transfer_;
  std::string source_;
  /// Whether the part is about to get the name of the target.
  bool is_committing_ = false;
  stop_event stop_;
  std::atomic<int> signal_ = 0;
  // The last member: its thread ends before the other members are destroyed.
  signal_watch signals_;
};

} // namespace spindle::tool
