// Bringing one file from here to there: checked, and resumed where it ended.
#pragma once

#include "chunks.hpp"
#include "part_file.hpp"

#include "spindle/fs/content_hash.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace spindle::tool {

/// What is to be transferred.
struct transfer_job {
  disk_access& from;
  /// A file. With `from_stream`, what names the stream.
  std::string source;
  disk_access& to;
  std::string target;
  /// Whether the source is stdin, a pipe or a device of this machine.
  bool from_stream = false;
  uint64_t chunk_size = uint64_t{1} << 20;
  bool resume = true;
};

/// What came of it.
struct transfer_summary {
  /// Of the whole file.
  uint64_t size = 0;
  /// How much of it was there already.
  uint64_t resumed_from = 0;
  /// As of `file_checksum`; empty if it was not computed.
  std::string checksum;
};

/// Whom a transfer tells how it goes.
struct transfer_events {
  /// So many bytes are there, of so many if that is known.
  std::function<void(uint64_t done, std::optional<uint64_t> total)> on_bytes;
  /// Something worth to know.
  std::function<void(const std::string&)> on_note;
  /// The checksums are being compared.
  std::function<void()> on_verify;
  /// Everything is there, and gets its name next.
  std::function<void()> on_complete;
};

/// One transfer. The bytes go to a `part_file`, and only when the checksums of
/// both sides agree does that get the name of the target.
class transfer {
public:
  transfer(transfer_job job, transfer_events events);

  /// Does it. Keeps what it has told in `summary` if it fails.
  attempt<void> run();

  const transfer_summary& summary() const {
    return summary_;
  }

  const std::string& target() const {
    return job_.target;
  }

  /// Returns what is to be done if the transfer ended early. Any thread may
  /// call.
  std::string how_to_go_on() const;

private:
  // -- steps ------------------------------------------------------------------

  attempt<void> look_at_source();
  attempt<void> look_at_part();
  attempt<void> move_bytes();
  attempt<void> verify();
  attempt<void> complete();

  // -- helpers ----------------------------------------------------------------

  /// Returns whether the part is the beginning of the source.
  attempt<bool> matches(uint64_t part_size);

  attempt<std::unique_ptr<chunk_source>> open_source();

  transfer_job job_;
  transfer_events events_;
  part_file part_;
  std::optional<uint64_t> total_;
  uint32_t permissions_ = 0666;
  /// Of what came from a stream.
  fs::content_hash passed_;
  transfer_summary summary_;
  /// How much of use is in the part, once it was begun.
  std::atomic<uint64_t> kept_ = 0;
};

} // namespace spindle::tool
