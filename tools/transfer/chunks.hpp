// Sources of bytes, read chunk by chunk.
#pragma once

#include "cli/disk_access.hpp"
#include "cli/stop.hpp"

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

namespace spindle::tool {

/// Maximum number of chunks in flight, so that disk and network work at the
/// same time.
inline constexpr size_t chunk_window = 8;

/// A sequence of chunks.
class chunk_source {
public:
  virtual ~chunk_source() = default;

  /// Returns the next chunk; an empty buffer at the end.
  virtual attempt<buffer> next() = 0;
};

/// Reads a file from a disk, with several reads in flight.
class file_chunks final : public chunk_source {
public:
  /// @param end offset to stop at, even if the file is longer.
  file_chunks(disk_access& disk, std::string path, uint64_t chunk_size,
              uint64_t offset = 0, std::optional<uint64_t> end = {});

  attempt<buffer> next() override;

private:
  /// Starts reads up to the allowed number in flight.
  void read_ahead();

  /// Waits for reads behind the end of the file.
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
  /// Reads in flight, at most. Grows up to the window, so that a small file
  /// does not cause reads behind its end.
  size_t ahead_ = 1;
  bool ended_ = false;
};

/// Reads a file that has holes. Requests the checksum of each chunk first, and
/// does not read chunks of zeros, so that holes are not sent over a network.
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
    /// Null if the chunk is all zeros.
    pending_answer content{};
  };

  /// Requests the checksums of further chunks.
  void look_ahead();

  /// Starts to read further chunks, except those of zeros.
  attempt<void> read_ahead();

  attempt<bool> is_zero(const chunk& which);

  /// Waits for all requests in flight.
  void end();

  disk_access& disk_;
  std::string path_;
  uint64_t offset_;
  uint64_t end_;
  /// A chunk of zeros.
  buffer zeros_;
  std::string checksum_of_zeros_;
  /// Chunks whose checksum was requested.
  std::deque<chunk> chunks_;
  /// Number of the first chunks that are being read, or known to be zeros.
  size_t known_ = 0;
};

/// When a chunk of a stream is complete.
enum class stream_pace : uint8_t {
  /// As soon as it has any bytes.
  as_it_comes,
  /// When it is full, or the stream has ended.
  full_chunks,
};

/// Reads a pipe, FIFO or device to its end. Blocks the calling thread.
class stream_chunks final : public chunk_source {
public:
  /// Opens a stream; "-" is stdin. `next` waits until a FIFO has a writer.
  /// @param stop makes `next` fail with `errc::cancelled`; may be null.
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
  /// Waits until there are bytes to read, or the stream has ended.
  attempt<void> wait();

  std::string name_;
  int descriptor_;
  uint64_t chunk_size_;
  const stop_event* stop_;
  stream_pace pace_;
};

} // namespace spindle::tool
