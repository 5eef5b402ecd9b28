// Background writers: their jobs, requests and responses.
#pragma once

#include "spindle/message/lane_id.hpp"
#include "spindle/message/outcome.hpp"
#include "spindle/message/profile.hpp"
#include "spindle/message/status.hpp"

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace spindle {

// -- what to write ------------------------------------------------------------

/// The profile of a writer: the name of one that the queue has, or the values
/// of one that only this writer uses.
struct profile_choice {
  profile_choice() = default;

  /// Chooses a profile of the queue.
  profile_choice(std::string known) : name(std::move(known)) {}

  profile_choice(const char* known) : name(known) {}

  /// Chooses a profile that the queue need not have.
  profile_choice(profile mine) : name(mine.name), own(std::move(mine)) {}

  bool operator==(const profile_choice&) const = default;

  std::string name{default_profile};
  std::optional<profile> own{};

  static constexpr const char* type_name = "profile_choice";
  static constexpr auto fields = std::tuple{
    field{"name", &profile_choice::name},
    field{"own", &profile_choice::own},
  };
};

/// What to write: one buffer, which the writer cuts into chunks, or a list of
/// blocks, each of which is one chunk. The bytes are never copied.
struct write_data {
  write_data() = default;

  write_data(buffer whole) : blocks{std::move(whole)} {}

  write_data(std::vector<buffer> list) : blocks(std::move(list)), cut(false) {}

  write_data(std::initializer_list<buffer> list) : blocks(list), cut(false) {}

  bool operator==(const write_data&) const = default;

  std::vector<buffer> blocks{};
  /// Whether blocks are cut into chunks.
  bool cut = true;

  static constexpr const char* type_name = "write_data";
  static constexpr auto fields = std::tuple{
    field{"blocks", &write_data::blocks},
    field{"cut", &write_data::cut},
  };
};

/// What a chained writer does if its predecessor failed, was cancelled or was
/// lost.
enum class chain_policy : uint8_t {
  /// It writes nothing and fails with `errc::chain_broken`.
  abort,
  /// It writes as if the predecessor had succeeded.
  proceed,
};

/// Number of values of `chain_policy`, the first of them 0.
inline constexpr size_t chain_policy_count = 2;

/// Returns the name of the value.
SPINDLE_EXPORT std::string to_string(chain_policy);

/// Returns the failure of a writer whose predecessor failed with `before`. It
/// has the first cause in the chain, and the number of writers in between.
SPINDLE_EXPORT failure chain_broken_by(const failure& before);

// -- status -------------------------------------------------------------------

/// What a writer is doing and has done. Times are relative to its spawning.
struct writer_status {
  /// The path, or a description of the stream.
  std::string path{};
  /// Name of the profile.
  std::string profile{};
  bool started_writing = false;
  bool paused = false;
  /// Whether it ended. The actor is down then, or about to go down.
  bool finished = false;
  /// Bytes written; with `replace`, to a temporary file until it ends.
  uint64_t written = 0;
  /// Bytes given to it and not written yet.
  uint64_t remaining = 0;
  /// Chunks written.
  uint64_t chunks = 0;
  /// When the first chunk was handed over.
  std::optional<caf::timespan> started_after{};
  /// When it ended.
  std::optional<caf::timespan> finished_after{};
  /// Time in which a chunk was in flight: waiting for the turn, or at the disk.
  caf::timespan busy{};
  /// `busy` in percent of the time since the first chunk, idle time excluded.
  double duty_pct = 0;
  /// Bytes written per second since the first chunk.
  double rate_bytes_per_s = 0;
  /// Duty and rate of the last chunks, as many as the profile averages over.
  double recent_duty_pct = 0;
  double recent_rate_bytes_per_s = 0;
  /// The duty to which its latency goal limits it at present, because others
  /// wait too long; nothing if they do not.
  std::optional<double> duty_limit_pct{};
  /// Why it failed, if it did. `done` is the number of bytes in the target,
  /// which are a prefix of the data.
  std::optional<failure> error{};

  bool operator==(const writer_status&) const = default;

  static constexpr const char* type_name = "writer_status";
  static constexpr auto fields = std::tuple{
    field{"path", &writer_status::path},
    field{"profile", &writer_status::profile},
    field{"started_writing", &writer_status::started_writing},
    field{"paused", &writer_status::paused},
    field{"finished", &writer_status::finished},
    field{"written", &writer_status::written},
    field{"remaining", &writer_status::remaining},
    field{"chunks", &writer_status::chunks},
    field{"started_after", &writer_status::started_after},
    field{"finished_after", &writer_status::finished_after},
    field{"busy", &writer_status::busy},
    field{"duty_pct", &writer_status::duty_pct},
    field{"rate_bytes_per_s", &writer_status::rate_bytes_per_s},
    field{"recent_duty_pct", &writer_status::recent_duty_pct},
    field{"recent_rate_bytes_per_s", &writer_status::recent_rate_bytes_per_s},
    field{"duty_limit_pct", &writer_status::duty_limit_pct},
    field{"error", &writer_status::error},
  };
};

/// Messages that a receiver of progress understands.
struct progress_trait {
  using signatures = cafx::type_list<
    /// Status of a writer: after chunks, and when it ended.
    caf::result<void>(writer_status)>;
};

/// Receives the progress of writers. May live on any node.
using progress_receiver = cafx::typed_actor<progress_trait>;

// -- messages for writers -----------------------------------------------------

/// Requests the last status of a writer. The response comes when the writer has
/// ended; it is an error if the writer failed.
struct await_writer {
  static constexpr const char* type_name = "await_writer";
  static constexpr auto fields = std::tuple{};
};

/// Gives more data to an open-ended writer. The response comes when the writer
/// has accepted the data; it is the number of bytes that the writer has room
/// for now. Wait for it before you send more: while data is pending, more than
/// `settings::max_buffered_bytes` of it is refused (`errc::queue_full`).
struct append_data {
  buffer data{};

  static constexpr const char* type_name = "append_data";
  static constexpr auto fields = std::tuple{field{"data", &append_data::data}};
};

/// Lets an open-ended writer finish: no more data follows.
struct finish_writing {
  static constexpr const char* type_name = "finish_writing";
  static constexpr auto fields = std::tuple{};
};

/// Pauses a writer. Chunks in flight are written.
struct pause_writing {
  static constexpr const char* type_name = "pause_writing";
  static constexpr auto fields = std::tuple{};
};

/// Resumes a paused writer.
struct resume_writing {
  static constexpr const char* type_name = "resume_writing";
  static constexpr auto fields = std::tuple{};
};

/// Cancels a writer: it fails with `errc::cancelled` after the chunks in
/// flight.
struct cancel_writing {
  static constexpr const char* type_name = "cancel_writing";
  static constexpr auto fields = std::tuple{};
};

/// Gives a writer another profile for the chunks after those in flight.
struct set_profile {
  profile_choice profile{};

  static constexpr const char* type_name = "set_profile";
  static constexpr auto fields
    = std::tuple{field{"profile", &set_profile::profile}};
};

/// Sends the status of a writer to a receiver: at once, after chunks but at
/// most once in `interval`, and when the writer ends.
struct subscribe_progress {
  progress_receiver receiver{};
  caf::timespan interval = std::chrono::milliseconds{100};

  static constexpr const char* type_name = "subscribe_progress";
  static constexpr auto fields = std::tuple{
    field{"receiver", &subscribe_progress::receiver},
    field{"interval", &subscribe_progress::interval},
  };
};

/// Messages that a writer understands.
struct writer_trait {
  using signatures = cafx::type_list<
    // Returns its status.
    caf::result<writer_status>(get_status),
    // Returns its last status when it has ended.
    caf::result<writer_status>(await_writer),
    // Accepts data; returns how many more bytes it has room for.
    caf::result<uint64_t>(append_data),
    // Finishes after the data that it has.
    caf::result<void>(finish_writing),
    // Hands over no more chunks until it is resumed.
    caf::result<void>(pause_writing),
    // Hands over chunks again.
    caf::result<void>(resume_writing),
    // Fails with `errc::cancelled`.
    caf::result<void>(cancel_writing),
    // Uses another profile.
    caf::result<void>(set_profile),
    // Sends its status to a subscriber.
    caf::result<void>(subscribe_progress)>;
};

/// Writes one stream in chunks in the background. Goes down normally when
/// everything is written, otherwise with the error as exit reason.
using writer_actor = cafx::typed_actor<writer_trait>;

/// Requests that a stream is written in the background.
struct write_job {
  /// The file to write. Either this or `descriptor`.
  std::string path{};
  /// An open descriptor of a file, pipe, socket or terminal of this process. It
  /// does not travel to other nodes.
  std::optional<int> descriptor{};
  /// `truncate`, `append`, `create_new`, `replace` (the file appears under its
  /// name when all is written) or `update`.
  write_mode mode = write_mode::truncate;
  /// Where the first byte goes; 0 with `append`, `replace` and a descriptor.
  uint64_t offset = 0;
  write_data data{};
  /// Bytes in a chunk, instead of `profile::chunk_size`.
  std::optional<uint64_t> chunk_size{};
  profile_choice profile{};
  spindle::durability durability = durability::none;
  /// Whether 64 KiB of zeros and more become holes where the file has nothing
  /// yet: with `truncate`, `create_new` and `replace`.
  bool leave_holes = false;
  /// Whether to make missing directories on the way to the file.
  bool parents = false;
  /// Permissions of a new file, before the umask.
  uint32_t permissions = 0666;
  /// The predecessor: this writer starts when that one has ended, if given.
  writer_actor chain_after{};
  /// The actor id of the predecessor; used if `chain_after` is null. A handle
  /// becomes null on its way to the node where the writer has ended, but the
  /// queue there remembers the writer by its id.
  uint64_t chain_after_id = 0;
  chain_policy chain_on_error = chain_policy::abort;
  /// Whether `descriptor` is closed when the writer ends, failed or not.
  bool close_when_finished = false;
  /// Whether more data follows, by `append_data`, until `finish_writing`.
  bool open_ended = false;

  static constexpr const char* type_name = "write_job";
  static constexpr auto fields = std::tuple{
    field{"path", &write_job::path},
    field{"mode", &write_job::mode},
    field{"offset", &write_job::offset},
    field{"data", &write_job::data},
    field{"chunk_size", &write_job::chunk_size},
    field{"profile", &write_job::profile},
    field{"durability", &write_job::durability},
    field{"leave_holes", &write_job::leave_holes},
    field{"parents", &write_job::parents},
    field{"permissions", &write_job::permissions},
    field{"chain_after", &write_job::chain_after},
    field{"chain_after_id", &write_job::chain_after_id},
    field{"chain_on_error", &write_job::chain_on_error},
    field{"close_when_finished", &write_job::close_when_finished},
    field{"open_ended", &write_job::open_ended},
  };
};

// -- terms --------------------------------------------------------------------

/// Conditions of a writer, set by who spawns it on behalf of a client. Does not
/// travel to other nodes.
struct writer_terms {
  /// Precedes the path in the status and the failures of the writer.
  std::string path_prefix{};
  /// A profile that asks for more (`excess_of`) is `errc::limit_exceeded`. One
  /// that comes to ask for more later is `reduced`.
  std::optional<spindle::profile> max_profile{};
  /// The writer starts after the operations that this lane has now.
  std::optional<in_lane> after{};
  /// The lane of the chunks, and the weight of its client. By default the
  /// writer is a client of its own, with the weight of its profile.
  std::optional<in_lane> lane{};
};

// -- messages for supervisors -------------------------------------------------

/// Requests the status of a writer, or its last status if it has ended. Fails
/// with `errc::not_found` if the queue does not know the writer, or no longer
/// (`settings::max_remembered_writers`).
struct recall_writer {
  writer_actor writer{};
  /// Its id, if there is no handle; see `write_job::chain_after_id`.
  uint64_t id = 0;

  static constexpr const char* type_name = "recall_writer";
  static constexpr auto fields = std::tuple{
    field{"writer", &recall_writer::writer},
    field{"id", &recall_writer::id},
  };
};

/// Replaces the profiles of a queue. A writer uses the new values of its
/// profile from its next chunk on; if there is no such profile any more, it
/// keeps the old values. If one profile has a defect, nothing changes.
struct set_profiles {
  std::vector<profile> profiles{};

  static constexpr const char* type_name = "set_profiles";
  static constexpr auto fields
    = std::tuple{field{"profiles", &set_profiles::profiles}};
};

/// Requests the profiles of a queue.
struct get_profiles {
  static constexpr const char* type_name = "get_profiles";
  static constexpr auto fields = std::tuple{};
};

/// The profiles of a queue.
struct profile_list {
  std::vector<profile> profiles{};

  static constexpr const char* type_name = "profile_list";
  static constexpr auto fields
    = std::tuple{field{"profiles", &profile_list::profiles}};
};

} // namespace spindle

CAFX_ENUM(spindle, chain_policy, chain_policy_count)
