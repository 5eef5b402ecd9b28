// How far an operation is, for those who want to know before it is done.
#pragma once

#include "spindle/export.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace spindle::fs {

/// How far an operation is. The numbers never fall.
struct progress_figures {
  /// Bytes copied or read.
  uint64_t bytes = 0;
  /// Entries of directories copied, removed or listed.
  uint64_t entries = 0;
  /// How many bytes there will be, if that is known.
  std::optional<uint64_t> total_bytes{};
  /// What was being done of late; at first the path of the operation.
  std::string path{};
};

/// How far an operation is, or several that follow each other. One thread at a
/// time performs them and writes; any thread may read meanwhile.
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

  /// As many bytes more will be added before the operation is done.
  void expect_bytes(uint64_t count) noexcept {
    total_bytes_.fetch_add(count, std::memory_order_relaxed);
  }

  /// Says what is being done: what `below` returns, a path that begins at that
  /// of the operation. Calls it ten times a second at most.
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
  /// When another path may be noted; of the thread that performs.
  std::chrono::steady_clock::time_point next_path_{};
  mutable std::mutex mutex_;
  std::string top_;
  std::string below_;
};

/// What an operation tells of its progress, to a record or to nobody.
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
