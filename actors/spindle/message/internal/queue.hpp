// What the actors of a queue say to each other. Nothing here leaves the
// process.
#pragma once

#include "spindle/message/messages.hpp"
#include "spindle/message/settings.hpp"

#include <cstdint>
#include <memory>
#include <string>
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

/// Leave to touch the disk. There is one, and whoever has it takes jobs from
/// the scheduler. Disk actor to its peer; from the supervisor at first, and
/// when the turn died with its holder.
struct turn {};

/// There is work again. Supervisor to the disk actor that keeps the turn
/// because there was none.
struct work_waits {};

/// Walks may have waited too long for their next page. Disk actor to itself.
struct drop_old_walks {};

/// Tells a disk actor to whom it passes the turn from now on. Supervisor to
/// disk actor.
struct meet_peer {
  caf::strong_actor_ptr peer;
  uint64_t peer_id = 0;
};

/// Jobs with their answers. Disk actor or supervisor to callback actor.
struct finished {
  std::shared_ptr<job_list> jobs;
};

/// All results are delivered, and the supervisor waits for that. Callback actor
/// to supervisor.
struct all_delivered {};

/// The deadline of a shutdown has passed. Supervisor to itself.
struct deadline_passed {};

/// What a writer asks of the disk.
enum class step_kind : uint8_t {
  /// To write a chunk.
  write,
  /// To write the last chunk, which may be empty, and to finish the stream.
  finish,
  /// To close the stream and to leave nothing behind that is not complete.
  abandon,
};

/// What failures and the status call a step.
inline constexpr auto stream_step_name = "background_write";

/// One step of a stream; for the queue, an operation like any other.
struct stream_step {
  step_kind kind = step_kind::write;
  std::shared_ptr<fs::stream> to;
  /// Bytes of the stream before the chunk. A step that comes after one that did
  /// not get all its bytes written writes none.
  uint64_t offset = 0;
  buffer chunk;
  /// The lane of the writer.
  in_lane where;
  /// Bytes of the chunk that were written.
  uint64_t written = 0;
};

/// What became of a step that did not fail. All of it was done unless fewer
/// bytes were written than the chunk has.
struct step_result {
  uint64_t written = 0;
};

/// A writer asks to be known, and for its profile. Writer to supervisor, at
/// first and whenever it is to have another profile.
struct enlist {
  caf::strong_actor_ptr writer;
  std::string path;
  profile_choice choice;
};

/// What a writer needs of the queue.
struct enlisted {
  spindle::profile profile;
  fs::vfs_ptr disk;
  /// Bytes that the writer holds at the most, unless given with the job.
  uint64_t max_buffered_bytes = 0;
};

/// How a writer ended. Writer to supervisor, before it goes down.
struct writer_ended {
  caf::actor_id id = 0;
  writer_status last;
};

/// All that comes before a writer is done. Callback actor to writer.
struct lane_reached {};

/// The profile of a writer has other values now. Supervisor to writer.
struct profile_changed {
  spindle::profile profile;
};

/// The queue is about to end: a writer must come to an end, too. Supervisor to
/// writer.
struct drain_writer {};

/// The queue was killed. Supervisor to writer.
struct queue_gone {};

/// There is no more time for a writer. Supervisor to writer.
struct give_up_writer {};

/// The time has come for what the writer planned under this number. Writer to
/// itself.
struct wake_up {
  uint64_t number = 0;
};

/// Other limits hold from now on. Anybody to supervisor to disk actors.
struct apply_settings {
  spindle::settings bounds;
};

// -- interfaces ---------------------------------------------------------------

/// Messages that a disk actor understands.
struct disk_trait {
  using signatures = cafx::type_list<
    // Executes what there is, and passes the turn.
    caf::result<void>(turn),
    // Looks for walks whose next page nobody asks for.
    caf::result<void>(drop_old_walks),
    // Executes what there is, with the turn that it kept.
    caf::result<void>(work_waits),
    // From now on passes the turn to that peer.
    caf::result<void>(meet_peer),
    // Ends turns by these bounds.
    caf::result<void>(apply_settings)>;
};
using disk_actor = cafx::typed_actor<disk_trait>;

/// Messages that a callback actor understands.
struct callback_actor_trait {
  using signatures = cafx::type_list<
    // Tells the recipient of each job what became of it.
    caf::result<void>(finished)>;
};
using callback_actor = cafx::typed_actor<callback_actor_trait>;

/// Messages that a supervisor understands from inside its process.
struct supervisor_internal_trait {
  using signatures = detail::extend<front_trait::signatures,
                                    // Ends, if it is to end.
                                    caf::result<void>(all_delivered),
                                    // Gives up what has not started.
                                    caf::result<void>(deadline_passed),
                                    // Executes a step of a stream.
                                    caf::result<step_result>(stream_step),
                                    // Knows the writer from now on.
                                    caf::result<enlisted>(enlist),
                                    // Remembers how a writer ended.
                                    caf::result<void>(writer_ended),
                                    // Admits operations by these limits.
                                    caf::result<void>(apply_settings)>::type;
};
using supervisor_internal_actor = cafx::typed_actor<supervisor_internal_trait>;

/// Messages that a writer understands from inside its process.
struct writer_internal_trait {
  using signatures
    = detail::extend<writer_trait::signatures,
                     // Goes on.
                     caf::result<void>(wake_up),
                     // Begins, or waits for its predecessor.
                     caf::result<void>(lane_reached),
                     // Follows the profile from the next chunk on.
                     caf::result<void>(profile_changed),
                     // Takes no more data, and rests no more.
                     caf::result<void>(drain_writer),
                     // Ends early.
                     caf::result<void>(queue_gone),
                     // Ends early.
                     caf::result<void>(give_up_writer)>::type;
};
using writer_internal_actor = cafx::typed_actor<writer_internal_trait>;

} // namespace spindle

CAF_BEGIN_TYPE_ID_BLOCK(spindle_actors, caf::id_block::spindle_local::end)

CAF_ADD_TYPE_ID(spindle_actors, (spindle::turn))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::work_waits))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::meet_peer))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::drop_old_walks))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::finished))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::all_delivered))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::deadline_passed))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::stream_step))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::step_result))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::enlist))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::enlisted))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::writer_ended))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::lane_reached))
CAF_ADD_TYPE_ID(spindle_actors, (spindle::profile_changed))
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
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::finished)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::all_delivered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::deadline_passed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::stream_step)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::step_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::enlist)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::enlisted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::writer_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::lane_reached)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::profile_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::drain_writer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::queue_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::give_up_writer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::wake_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::apply_settings)
