// Bringing one file from here to there: checked, and resumed where it ended.
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
  /// Whether a file that is at the target is replaced.
  bool overwrite = true;
  /// Whether the target gets the permissions (but for those to run it as
  /// somebody else) and times of the source; else it is a new file, which may
  /// be read and executed by whom the source may, as far as the umask lets it.
  bool preserve = true;
  /// Whether a source that grows meanwhile is taken up to the size that it had
  /// at the start; else that is a failure.
  bool allow_growth = false;
  /// Whether a target that is as the source already is left alone.
  bool skip_same = false;
  /// Whether a part stays if the transfer ends early. What came from a stream
  /// never does.
  bool keep_part = true;
  /// Whether the checksums of both sides are compared at the end.
  bool verify = true;
  /// How fast; may be null.
  transfer_pace* pace = nullptr;
  /// Ends a transfer from a stream; may be null.
  const stop_event* stop = nullptr;
};

/// What came of it.
struct transfer_summary {
  /// Of the whole file.
  uint64_t size = 0;
  /// How much of it was there already.
  uint64_t resumed_from = 0;
  /// Whether that was all of it, under its name.
  bool was_there = false;
  /// As of `file_checksum`; empty if it was not computed.
  std::string checksum{};
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

  /// Leaves a target alone that is as the source already.
  void skip_same() {
    job_.skip_same = job_.preserve;
  }

  /// Does it. Keeps what it has told in `summary` if it fails. A part that is
  /// of no use to a later run is removed.
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

  /// Returns what is to be done if the transfer ended early. Any thread may
  /// call.
  std::string how_to_go_on() const;

private:
  // -- steps ------------------------------------------------------------------

  attempt<void> look_at_source();
  /// Returns whether there is nothing to do.
  attempt<bool> is_there();
  /// Fails if the target is the source, or leads to it: to replace it would
  /// tear hard links apart, and gain nothing.
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

  /// Returns whether a part is to stay.
  bool is_resumable() const {
    return job_.keep_part && !job_.from_stream;
  }

  /// Returns whether something may be in the part that is of use.
  bool has_kept() const {
    return is_useful_ && (part_.confirmed() > 0 || part_.is_uncertain());
  }

  /// Returns whether the part is the beginning of the source.
  attempt<bool> matches(uint64_t part_size);

  attempt<std::unique_ptr<chunk_source>> open_source();

  attempt<void> write(const buffer& chunk);

  attempt<void> verify_at_once();

  attempt<void> verify_piece_by_piece();

  /// Returns why the checksums differ.
  failure difference();

  /// Returns the most that the part may have until it is complete.
  uint32_t part_permissions() const;

  transfer_job job_;
  transfer_events events_;
  part_file part_;
  /// Of the source; none of a stream.
  std::optional<file_info> info_;
  /// How many bytes there are to bring, if that is known.
  std::optional<uint64_t> total_;
  /// Of all that was brought by this run.
  fs::content_hash passed_;
  transfer_summary summary_;
  /// Whether the part is of use to a later run.
  std::atomic<bool> is_useful_ = false;
};

} // namespace spindle::tool
