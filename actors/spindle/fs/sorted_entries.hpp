// The entries of a large directory in order, in bounded memory.
#pragma once

#include "spindle/fs/vfs.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace spindle::fs {

/// The entries of one directory, ordered by name. A bounded part of them, the
/// next ones, is in memory; the others are read when those are passed.
class sorted_entries {
public:
  /// @param from is the least name that counts.
  explicit sorted_entries(std::string from) : from_(std::move(from)) {}

  /// Begins to read the next entries into memory, as many as have room in
  /// `bytes` and some hundred in any case. In all, that takes time proportional
  /// to the number of all entries of the directory.
  void begin_reading(size_t bytes);

  /// Reads some entries, or brings some into order.
  /// @param where was newly opened when reading began.
  /// @returns whether there is more to do; until then, none is in memory.
  result<bool> read_some(directory& where);

  /// Does both as a whole.
  result<void> read(directory& where, size_t bytes);

  /// Returns the next entry, or null if none is in memory.
  const directory_entry* next() const {
    return !reading_ && next_ < entries_.size() ? &entries_[next_] : nullptr;
  }

  /// Passes the next entry.
  void pass() {
    ++next_;
  }

  /// Returns whether there are entries behind those in memory.
  bool has_more() const {
    return has_more_;
  }

  /// Gives the memory back; what is not passed has to be read again.
  void forget();

  /// Passes everything.
  void finish();

  /// Returns how much memory the entries take, in bytes.
  size_t memory() const {
    return bytes_;
  }

private:
  /// Adds entries that have room and are not passed.
  void add(std::vector<directory_entry> batch);

  /// Makes one run of the last two.
  void merge_runs();

  /// Forgets the greater half; returns the least name in it.
  std::string halve();

  void clear();

  std::string from_;
  std::vector<directory_entry> entries_;
  size_t next_ = 0;
  bool has_more_ = true;
  size_t bytes_ = 0;

  // While entries are being read.
  bool reading_ = false;
  bool all_read_ = false;
  size_t max_bytes_ = 0;
  /// The least name that has no room; valid if there are more.
  std::string end_;
  /// Where runs begin that are in order. Each is larger than the next, so that
  /// an entry takes part in few merges.
  std::vector<size_t> runs_;
};

} // namespace spindle::fs
