// The transfer of one file, with checksums and resumption.
#pragma once

#include "cli/stop.hpp"
#include "transfer/chunks.hpp"
#include "transfer/part_file.hpp"
#include "transfer/transfer_pace.hpp"

#include "spindle/fs/content_hash.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace spindle::tool {

/// Source, target and options of a transfer.
struct transfer_job {
  disk_access& from;
  /// Path of a file, or with `from_stream`, the name of the stream.
  std::string source;
  disk_access& to;
  std::string target;
  /// Whether the source is stdin, a local pipe or a local device.
  bool from_stream = false;
  uint64_t chunk_size = uint64_t{1} << 20;
  /// Whether an existing part is used.
  bool resume = true;
  /// Whether an existing target is replaced.
  bool overwrite = true;
  /// Whether the target gets the times and permissions of the source, without
  /// setuid, setgid and sticky. If not, it has the read and execute permissions
  /// of the source that the umask allows.
  bool preserve = true;
  /// Whether a source that grows during the transfer is transferred up to its
  /// size at the start. If not, the transfer fails.
  bool allow_growth = false;
  /// Whether nothing is done if the target equals the source.
  bool skip_same = false;
  /// Whether the part stays if the transfer ends early. The part from a stream
  /// never stays.
  bool keep_part = true;
  /// Whether the checksums of source and part are compared at the end.
  bool verify = true;
  /// Limits the speed; may be null.
  transfer_pace* pace = nullptr;
  /// Ends a transfer from a stream; may be null.
  const stop_event* stop = nullptr;
};

/// The result of a transfer.
struct transfer_summary {
  /// Bytes of the whole file.
  uint64_t size = 0;
  /// Bytes of it that an earlier transfer had written.
  uint64_t resumed_from = 0;
  /// Whether the target already equalled the source.
  bool was_there = false;
  /// As from `file_checksum`; empty if it was not computed.
  std::string checksum{};
};

/// Functions that a transfer calls.
struct transfer_events {
  /// Progress: bytes transferred, and their total if known.
  std::function<void(uint64_t done, std::optional<uint64_t> total)> on_bytes;
  /// A message for the user.
  std::function<void(const std::string&)> on_note;
  /// The comparison of checksums begins.
  std::function<void()> on_verify;
  /// All bytes are written and checked; the part gets the name of the target
  /// next.
  std::function<void()> on_complete;
};

/// One transfer. Writes the bytes to a `part_file`, which gets the name of the
/// target when the checksums of both sides agree.
class transfer {
public:
  transfer(transfer_job job, transfer_events events);

  /// Makes `run` do nothing if the target equals the source.
  void skip_same() {
    job_.skip_same = job_.preserve;
  }

  /// Performs the transfer. After a failure, `summary` has the last state, and
  /// a part that cannot be resumed is removed.
  attempt<void> run();

  const transfer_summary& summary() const {
    return summary_;
  }

  const std::string& target() const {
    return job_.target;
  }

  bool is_from_stream() const {
    return job_.from_stream;
  }

  /// Returns how to resume if the transfer ended early; empty if it cannot be
  /// resumed. Thread-safe.
  std::string how_to_resume() const;

private:
  // -- steps ------------------------------------------------------------------

  attempt<void> look_at_source();
  /// Returns whether the target equals the source, if `skip_same` is set.
  attempt<bool> is_same();
  /// Fails if the target is the source or a link to it: replacing it would
  /// break hard links, without any use.
  attempt<void> check_other_file();
  attempt<void> bring();
  attempt<void> look_at_part();
  attempt<void> move_bytes();
  attempt<void> verify();
  attempt<void> complete();

  // -- helpers ----------------------------------------------------------------

  bool has_holes() const {
    return info_ && info_->allocated < info_->size;
  }

  /// Returns whether a part stays if the transfer ends early.
  bool is_resumable() const {
    return job_.keep_part && !job_.from_stream;
  }

  /// Returns whether the part may have bytes that a later transfer can use.
  bool has_useful_part() const {
    // In this order: a write is confirmed before it is no longer uncertain.
    return is_useful_ && (part_.is_uncertain() || part_.confirmed() > 0);
  }

  /// Returns whether the part is the beginning of the source.
  attempt<bool> matches(uint64_t part_size);

  attempt<std::unique_ptr<chunk_source>> open_source();

  attempt<void> write(const buffer& chunk);

  attempt<void> verify_at_once();

  attempt<void> verify_piece_by_piece();

  /// Returns the failure for different checksums.
  failure difference();

  /// Returns the maximum permissions of the part until it is complete.
  uint32_t part_permissions() const;

  transfer_job job_;
  transfer_events events_;
  part_file part_;
  /// About the source; nothing for a stream.
  std::optional<file_info> info_;
  /// Bytes to transfer, if known.
  std::optional<uint64_t> total_;
  /// Hash of all bytes that this object has transferred.
  fs::content_hash passed_;
  transfer_summary summary_;
  /// Whether a later transfer can use the part.
  std::atomic<bool> is_useful_ = false;
};

} // namespace spindle::tool
