// Bytes from somewhere, chunk by chunk.
#pragma once

#include "cli/disk_access.hpp"
#include "cli/stop.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace spindle::tool {

/// How many chunks are under way at once, so that neither a disk nor a network
/// waits for the other.
inline constexpr size_t chunk_window = 8;

/// Gives bytes from the first to the last.
class chunk_source {
public:
  virtual ~chunk_source() = default;

  /// Returns the next bytes; none at the end.
  virtual attempt<buffer> next() = 0;
};

/// Reads a file of a disk, several chunks ahead.
class file_chunks final : public chunk_source {
public:
  /// @param end where to end, even if the file goes on.
  file_chunks(disk_access& disk, std::string path, uint64_t chunk_size,
              uint64_t offset = 0, std::optional<uint64_t> end = {});

  attempt<buffer> next() override;

private:
  /// Starts as many reads as may be under way.
  void read_ahead();

  /// Waits for reads of what is behind the end.
  void end();

  disk_access& disk_;
  std::string path_;
  uint64_t chunk_size_;
  uint64_t offset_;
  std::optional<uint64_t> end_;
  struct pending_read {
    pending_answer answer;
    uint64_t length;
  };

  std::deque<pending_read> reads_;
  /// Grows up to the window, so that small files are not read in vain.
  size_t ahead_ = 1;
  bool ended_ = false;
};

/// Reads a file that has holes. Asks the disk for the checksum of each chunk
/// first, and reads no chunk that is nothing but zeros, so that holes do not
/// cross a network.
class sparse_chunks final : public chunk_source {
public:
  sparse_chunks(disk_access& disk, std::string path, uint64_t chunk_size,
                uint64_t offset, uint64_t end);

  attempt<buffer> next() override;

private:
  struct chunk {
    uint64_t offset;
    uint64_t length;
    pending_answer checksum;
    /// Null if it is all zeros.
    pending_answer content{};
  };

  void look_ahead();

  /// Starts to read the chunks that are next, unless they are zeros.
  attempt<void> read_ahead();

  attempt<bool> is_zero(const chunk& which);

  /// Waits for what is under way.
  void end();

  disk_access& disk_;
  std::string path_;
  uint64_t offset_;
  uint64_t end_;
  /// As large as a chunk.
  buffer zeros_;
  std::string checksum_of_zeros_;
  /// Chunks whose checksum was asked for.
  std::deque<chunk> chunks_;
  /// How many of these are known to be zeros, or being read.
  size_t known_ = 0;
};

/// When what comes from a stream is a chunk.
enum class stream_pace : uint8_t {
  /// As soon as there are bytes.
  as_it_comes,
  /// When it is full, or the end was reached.
  full_chunks,
};

/// Reads a pipe, FIFO or device to its end, in the thread of the caller, which
/// waits as long as that takes.
class stream_chunks final : public chunk_source {
public:
  /// Opens a stream; "-" is stdin. Waits for the writer of a FIFO.
  /// @param stop ends all waiting, as `errc::cancelled`; may be null.
  static attempt<std::unique_ptr<chunk_source>>
  open(const std::string& name, uint64_t chunk_size, const stop_event* stop,
       stream_pace pace = stream_pace::full_chunks);

  stream_chunks(std::string name, int descriptor, uint64_t chunk_size,
                const stop_event* stop, stream_pace pace)
      : name_(std::move(name)),
        descriptor_(descriptor),
        chunk_size_(chunk_size),
        stop_(stop),
        pace_(pace) {}

  stream_chunks(const stream_chunks&) = delete;

  stream_chunks& operator=(const stream_chunks&) = delete;

  ~stream_chunks() override;

  attempt<buffer> next() override;

private:
  /// Waits until there is something to read, or the end.
  attempt<void> wait();

  std::string name_;
  int descriptor_;
  uint64_t chunk_size_;
  const stop_event* stop_;
  stream_pace pace_;
};

} // namespace spindle::tool
