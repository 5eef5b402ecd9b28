// The entries of a directory, sorted by name, in bounded memory.
#pragma once

#include "spindle/fs/vfs.hpp"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace spindle::fs {

/// The entries of one directory, ordered by name. Only the next ones are in
/// memory; when they are passed, the directory is read again for more.
class sorted_entries {
public:
  /// @param from the least name that counts.
  explicit sorted_entries(std::string from) : from_(std::move(from)) {}

  /// Begins to read the next entries into memory: as many as fit into `bytes`,
  /// but at least some hundred. Reading takes time proportional to the number
  /// of all entries of the directory.
  void begin_reading(size_t bytes);

  /// Reads some entries, and sorts them into those read before.
  /// @param where must have been opened again when reading began.
  /// @returns whether there is more to do; until it returns false, `next`
  ///          returns null.
  result<bool> read_some(directory& where);

  /// Calls `begin_reading`, then `read_some` until it is done.
  result<void> read(directory& where, size_t bytes);

  /// Returns the next entry, or null if none is in memory.
  const directory_entry* next() const {
    return !reading_ && next_ < entries_.size() ? &entries_[next_] : nullptr;
  }

  /// Moves on to the entry behind the next one.
  void pass() {
    ++next_;
  }

  /// Returns whether there may be entries behind those in memory.
  bool has_more() const {
    return has_more_;
  }

  /// Frees the memory; entries that are not passed must be read again.
  void forget();

  /// Passes all entries.
  void finish();

  /// Returns the memory of the entries, in bytes.
  size_t memory() const {
    return bytes_;
  }

private:
  /// Adds the entries that are not passed and come before `end_`.
  void add(std::vector<directory_entry> batch);

  /// Merges the last two runs.
  void merge_runs();

  /// Drops the greater half of the entries; returns its least name.
  std::string halve();

  void clear();

  std::string from_;
  std::vector<directory_entry> entries_;
  size_t next_ = 0;
  bool has_more_ = true;
  size_t bytes_ = 0;

  // Valid while entries are being read.
  bool reading_ = false;
  bool all_read_ = false;
  size_t max_bytes_ = 0;
  /// The least name that does not fit; valid if `has_more_`.
  std::string end_;
  /// Indices where sorted runs begin. Each run is larger than the next, so an
  /// entry takes part in few merges.
  std::vector<size_t> runs_;
};

} // namespace spindle::fs
