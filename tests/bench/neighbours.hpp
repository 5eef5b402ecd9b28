// What else a queue has to do while a client asks whether a file exists.
#pragma once

#include "host.hpp"
#include "options.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace bench {

/// How many operations a flood has in flight.
inline constexpr size_t flood_window = 4096;

/// How long many floods last before the client begins to ask.
inline constexpr std::chrono::milliseconds flood_head_start{1'000};

/// Work that other clients give to a queue.
struct neighbour {
  std::string name;
  /// Does the work once, which takes a second or so if the queue is idle.
  std::function<void(const spindle::queue&)> work;
  /// By how much the client's p99 may exceed that of an idle queue.
  std::chrono::milliseconds aim{15};
  /// How many clients do the work at the same time.
  size_t clients = 1;
  /// How many operations the work is, if their rate is to be shown.
  size_t operations = 0;
  /// Whether the work goes through a connection to a node, which serves the
  /// directory.
  bool is_remote = false;
  /// How long the work lasts before the client begins to ask.
  std::chrono::milliseconds head_start{0};
};

/// How large the work is.
struct amount {
  /// Of the file that is copied, and whose checksum is computed.
  uint64_t file_bytes = 0;
  /// Of what is read, written or put to a node at once.
  uint64_t one_operation_bytes = 0;
  /// Files in the tree that is copied and deleted.
  size_t tree_files = 0;
  /// Entries of the directory that is walked.
  uint32_t entries = 0;
};

/// Returns how large the work is that the options ask for.
amount amount_of(const options& opts);

/// A long operation.
struct long_operation {
  std::string name;
  spindle::operation what;
};

/// A directory with the files that neighbours work on; removed when destroyed.
class neighbourhood {
public:
  /// The path of a small file, relative to the directory.
  static constexpr const char* small_name = "small";

  /// @throws std::filesystem::filesystem_error or std::runtime_error if there
  ///         is no room.
  neighbourhood(const std::string& where, amount of);

  neighbourhood(const neighbourhood&) = delete;

  neighbourhood& operator=(const neighbourhood&) = delete;

  ~neighbourhood();

  std::string directory() const {
    return top_.string();
  }

  /// Returns the absolute path of the small file.
  std::string small_file() const {
    return (top_ / small_name).string();
  }

  /// Returns one operation of each kind that works in slices.
  std::vector<long_operation> operations() const;

  /// Returns all neighbours; their work needs this directory.
  std::vector<neighbour> all() const;

private:
  std::vector<neighbour> long_operations() const;

  std::vector<neighbour> puts() const;

  std::vector<neighbour> floods() const;

  neighbour writers() const;

  std::string path(const char* name) const {
    return (top_ / name).string();
  }

  std::filesystem::path top_;
  amount of_;
};

} // namespace bench
