// How the transfers of one command go, and what people hear of it.
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

/// Brings one file after the other. Make it before any other thread, since it
/// takes the signals.
class transfer_session {
public:
  /// @param command names who works.
  transfer_session(std::string command, const transfer_options& options);

  /// Files from now on are some of many, or are whatever a directory has.
  void expect_many() {
    many_ = true;
  }

  /// Brings a file, and tells how that goes.
  /// @param job its `stop` is set if the source is a stream.
  void bring(transfer_job job);

  /// Tells of something that could not be brought, or be done for it.
  void fail(const failure& why);

  /// Returns whether there is no use in going on: a signal came, the node is
  /// lost, or nobody reads the output.
  bool ended() const {
    return lost_ || output_code_ != 0 || signal_ != 0;
  }

  /// Says how things are tried again.
  retry_policy& again() {
    return again_;
  }

  /// Tells what was done at all, and returns the exit code.
  int finish();

private:
  using clock = std::chrono::steady_clock;

  /// What was done by all transfers.
  struct totals {
    uint64_t files = 0;
    uint64_t skipped = 0;
    uint64_t bytes = 0;
    uint64_t resumed = 0;
  };

  // -- what happens -----------------------------------------------------------

  transfer_events events();

  attempt<void> try_once(const transfer_job& job, bool again);

  void show(uint64_t done, std::optional<uint64_t> total);

  void leave(int signal, int count);

  void succeed();

  void fail_transfer(failure why);

  // -- words ------------------------------------------------------------------

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
  /// When the first bytes of the present file, or of all of many, were to be
  /// moved, and how many were there then.
  std::optional<clock::time_point> begin_;
  uint64_t begin_bytes_ = 0;
  clock::time_point shown_;
  /// Guards the beginning and the end of a transfer, and what was done by all.
  std::mutex mutex_;
  std::optional<transfer> transfer_;
  std::string source_;
  /// Whether a transfer is about to be complete.
  bool is_committing_ = false;
  stop_event stop_;
  std::atomic<int> signal_ = 0;
  // The last member, so that nobody is called any more when others go.
  signal_watch signals_;
};

} // namespace spindle::tool
