// Messages between the actors of a queue and its writers, all within a process.
#pragma once

#include "spindle/message/messages.hpp"
#include "spindle/message/settings.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace spindle::fs {

class stream;

} // namespace spindle::fs

namespace spindle {

struct job;

using job_ptr = std::shared_ptr<job>;

/// Jobs that travel together, in the order of admission.
using job_list = std::vector<job_ptr>;

// -- messages -----------------------------------------------------------------

/// Permission to touch the disk. There is one, and its holder takes jobs from
/// the scheduler. Disk actor to its peer; supervisor to disk actor at first,
/// and when the holder has died.
struct turn {};

/// The scheduler has jobs again. Supervisor to the disk actor that has the turn
/// and waits for jobs.
struct work_waits {};

/// Drop the walks whose next page was not requested in time. Disk actor to
/// itself.
struct drop_old_walks {};

/// The disk actor passes the turn to this peer from now on. Supervisor to disk
/// actor.
struct meet_peer {
  caf::strong_actor_ptr peer;
  uint64_t peer_id = 0;
};

/// Jobs with their results, to be delivered. Disk actor or supervisor to
/// callback actor.
struct deliver_results {
  std::shared_ptr<job_list> jobs;
};

/// All results are delivered. Callback actor to supervisor, if that has called
/// `scheduler::await_idle`.
struct all_delivered {};

/// The deadline of a shutdown has passed. Supervisor to itself.
struct deadline_passed {};

/// What a step does.
enum class step_kind : uint8_t {
  /// Writes a chunk.
  write,
  /// Writes the last chunk, which may be empty, and finishes the stream.
  finish,
  /// Closes the stream, and removes a temporary file.
  abandon,
};

/// Name of a step in failures and in the status.
inline constexpr auto stream_step_name = "background_write";

/// How many subscribers a writer has at most.
inline constexpr size_t max_subscribers = 100;

/// Most `await_writer` requests to a writer that may be pending, and most
/// `append_data` requests; of a writer of a node, most requests.
inline constexpr size_t max_awaiting = 10'000;

/// One step of a stream; a job of the queue like an operation. Writer to
/// supervisor.
struct stream_step {
  step_kind kind = step_kind::write;
  std::shared_ptr<fs::stream> to;
  /// Bytes of the stream before the chunk. If fewer are written, because the
  /// step before was written in part, this step writes nothing.
  uint64_t offset = 0;
  buffer chunk;
  /// The lane of the writer.
  in_lane where;
  /// That of the profile of the writer.
  std::optional<caf::timespan> latency_goal{};
  /// Bytes of the chunk that were written.
  uint64_t written = 0;
  /// See `step_result::share`.
  double share = 1;
};

/// The response to a step that did not fail. If fewer bytes were written than
/// the chunk has, the target took no more, and the stream is not finished.
struct step_result {
  uint64_t written = 0;
  /// The share of its duty that the latency goal leaves the writer.
  double share = 1;
};

/// Registers a writer, and requests its profile. Spawner of the writer to
/// supervisor; then writer to supervisor, at first and for each `set_profile`.
struct enlist {
  caf::strong_actor_ptr writer;
  std::string path;
  profile_choice choice;
  /// See `writer_terms::after`. The supervisor sends `lane_reached` to a writer
  /// that it registers with a lane.
  std::optional<in_lane> after{};
  /// See `writer_terms::max_profile` and `write_job::chunk_size`.
  std::optional<profile> max_profile{};
  std::optional<uint64_t> chunk_size{};
};

/// Returns what registers a writer.
inline enlist registration_of(caf::strong_actor_ptr writer,
                              const write_job& job, const writer_terms& terms) {
  return {std::move(writer), job.path,          job.profile,
          terms.after,       terms.max_profile, job.chunk_size};
}

/// The supervisor has got the registration of the writer. Spawner of the writer
/// to writer.
struct writer_announced {};

/// The response to `enlist`.
struct enlisted {
  spindle::profile profile;
  fs::vfs_ptr disk;
  /// See `settings::max_buffered_bytes`.
  uint64_t max_buffered_bytes = 0;
};

/// The last status of a writer. Writer to supervisor, before it goes down.
struct writer_ended {
  caf::actor_id id = 0;
  writer_status last;
};

/// The operations of `enlist::after` are done. Callback actor to writer.
struct lane_reached {};

/// The profile of a writer has new values. Supervisor to writer.
struct profile_changed {
  spindle::profile profile;
};

/// The terms of a writer have new values. Gateway to writer.
struct terms_changed {
  std::optional<profile> max_profile;
  /// Of `writer_terms::lane`.
  unsigned weight = 1;
};

/// The queue shuts down: the writer finishes with the data that it has, even if
/// it was paused. Supervisor to writer.
struct drain_writer {};

/// The queue was killed. Supervisor to writer.
struct queue_gone {};

/// The deadline of the shutdown has passed: the writer fails. Supervisor to
/// writer.
struct give_up_writer {};

/// A delayed message. Only the one with the latest number counts. Writer to
/// itself.
struct wake_up {
  uint64_t number = 0;
};

/// New settings, all but the disk. Any actor to supervisor, and from there to
/// the disk actors.
struct apply_settings {
  spindle::settings bounds;
};

// -- interfaces ---------------------------------------------------------------

/// Messages that a disk actor understands.
struct disk_trait {
  using signatures = cafx::type_list<
    // Executes jobs, and passes the turn.
    caf::result<void>(turn),
    // Drops walks whose next page was not requested in time.
    caf::result<void>(drop_old_walks),
    // Executes jobs with the turn that it has, and passes the turn.
    caf::result<void>(work_waits),
    // Passes the turn to that peer from now on.
    caf::result<void>(meet_peer),
    // Limits turns and operations by these settings from now on.
    caf::result<void>(apply_settings)>;
};
using disk_actor = cafx::typed_actor<disk_trait>;

/// Messages that a callback actor understands.
struct callback_actor_trait {
  using signatures = cafx::type_list<
    // Sends the result of each job to its recipient.
    caf::result<void>(deliver_results)>;
};
using callback_actor = cafx::typed_actor<callback_actor_trait>;

/// Messages that a supervisor understands from inside its process.
struct supervisor_internal_trait {
  using signatures = detail::extend<front_trait::signatures,
                                    // Ends the queue if it shuts down.
                                    caf::result<void>(all_delivered),
                                    // Drops or stops what is not done.
                                    caf::result<void>(deadline_passed),
                                    // Executes a step of a stream.
                                    caf::result<step_result>(stream_step),
                                    // Registers a writer.
                                    caf::result<enlisted>(enlist),
                                    // Keeps the last status of a writer.
                                    caf::result<void>(writer_ended),
                                    // Uses these settings from now on.
                                    caf::result<void>(apply_settings)>::type;
};
using supervisor_internal_actor = cafx::typed_actor<supervisor_internal_trait>;

/// Messages that a writer understands from inside its process.
struct writer_internal_trait {
  using signatures
    = detail::extend<writer_trait::signatures,
                     // Requests its profile.
                     caf::result<void>(writer_announced),
                     // Begins, or sends the steps that are due.
                     caf::result<void>(wake_up),
                     // Waits for its predecessor, if any, or begins.
                     caf::result<void>(lane_reached),
                     // Uses the new values from the next chunk on.
                     caf::result<void>(profile_changed),
                     // Keeps to the new terms from the next chunk on.
                     caf::result<void>(terms_changed),
                     // Accepts no more data, and resumes.
                     caf::result<void>(drain_writer),
                     // Fails with `errc::shut_down`.
                     caf::result<void>(queue_gone),
                     // Fails with `errc::timed_out`.
                     caf::result<void>(give_up_writer)>::type;
};
using writer_internal_actor = cafx::typed_actor<writer_internal_trait>;

} // namespace spindle

CAF_BEGIN_TYPE_ID_BLOCK(spindle_actors, caf::id_block::spindle_local::end)

CAF_ADD_TYPE_ID(spindle_actors, (spindle::turn))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::work_waits))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::meet_peer))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::drop_old_walks))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::deliver_results))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::all_delivered))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::deadline_passed))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::stream_step))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::step_result))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::enlist))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::writer_announced))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::enlisted))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::writer_ended))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::lane_reached))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::profile_changed))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::terms_changed))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::drain_writer))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::queue_gone))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::give_up_writer))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::wake_up))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::apply_settings))

CAF_END_TYPE_ID_BLOCK(spindle_actors)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::turn)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::work_waits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::meet_peer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::drop_old_walks)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::deliver_results)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::all_delivered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::deadline_passed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::stream_step)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::step_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::enlist)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::writer_announced)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::enlisted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::writer_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::lane_reached)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::profile_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::terms_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::drain_writer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::queue_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::give_up_writer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::wake_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::apply_settings)
