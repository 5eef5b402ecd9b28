// The progress of running operations.
#pragma once

#include "spindle/export.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace spindle::fs {

/// Progress of an operation. The numbers never decrease.
struct progress_figures {
  /// Bytes copied or read.
  uint64_t bytes = 0;
  /// Entries of directories copied, removed or listed.
  uint64_t entries = 0;
  /// Expected number of bytes, if known.
  std::optional<uint64_t> total_bytes{};
  /// Path of a recently handled entry; at first the path of the operation.
  /// Empty for operations that do not rest, except for those of a list.
  std::string path{};
};

/// Progress of one operation, or of several in sequence. The thread that
/// performs the operation writes; any thread may read at the same time.
class SPINDLE_EXPORT progress_record {
public:
  /// Begins an operation on `path`.
  void begin(const std::string& path);

  void add_bytes(uint64_t count) noexcept {
    bytes_.fetch_add(count, std::memory_order_relaxed);
  }

  void add_entry() noexcept {
    entries_.fetch_add(1, std::memory_order_relaxed);
  }

  /// Adds to the expected number of bytes.
  void expect_bytes(uint64_t count) noexcept {
    total_bytes_.fetch_add(count, std::memory_order_relaxed);
  }

  /// Sets the path of the current entry to the result of `below`, a path
  /// relative to that of the operation. Calls `below` at most ten times a
  /// second.
  template <class Fun>
  void at(Fun below) {
    if (is_path_due())
      set_path(below());
  }

  progress_figures read() const;

private:
  bool is_path_due();

  void set_path(std::string below);

  std::atomic<uint64_t> bytes_ = 0;
  std::atomic<uint64_t> entries_ = 0;
  /// 0 if unknown.
  std::atomic<uint64_t> total_bytes_ = 0;
  /// Earliest time of the next path; used only by the writing thread.
  std::chrono::steady_clock::time_point next_path_{};
  mutable std::mutex mutex_;
  std::string top_;
  std::string below_;
};

/// Reports progress to a record, or nowhere if there is none.
class progress_sink {
public:
  progress_sink() = default;

  /// Does not own the record.
  explicit progress_sink(progress_record* to) : to_(to) {}

  void add_bytes(uint64_t count) const noexcept {
    if (to_)
      to_->add_bytes(count);
  }

  void add_entry() const noexcept {
    if (to_)
      to_->add_entry();
  }

  void expect_bytes(uint64_t count) const noexcept {
    if (to_)
      to_->expect_bytes(count);
  }

  template <class Fun>
  void at(Fun below) const {
    if (to_)
      to_->at(below);
  }

private:
  progress_record* to_ = nullptr;
};

} // namespace spindle::fs
