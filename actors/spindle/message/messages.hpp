// Every message of Spindle, known to CAF.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/connection.hpp"

#include <map>
#include <string>

// The build chooses where the types begin, to keep clear of the application's.
#ifndef SPINDLE_FIRST_TYPE_ID
#  define SPINDLE_FIRST_TYPE_ID 3200
#endif

CAF_BEGIN_TYPE_ID_BLOCK(spindle_messages, SPINDLE_FIRST_TYPE_ID)

// -- operations and their options
CAF_ADD_TYPE_ID(spindle_messages, (spindle::directory_exists))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::directory_create))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::directory_delete))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::directory_rename))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::directory_move))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::directory_copy))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::directory_contents))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::directory_walk))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_exists))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_create))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_delete))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_rename))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_move))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_copy))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_read))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_write))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_stat))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_truncate))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_sync))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_checksum))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::disk_space))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::symlink_create))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::symlink_read))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::set_permissions))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::set_times))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::operation))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::durability))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::write_mode))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_type))

// -- answers
CAF_ADD_TYPE_ID(spindle_messages, (spindle::done))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::buffer))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::directory_entry))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::directory_listing))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::file_info))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::walk_entry))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::walk_page))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::space_info))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::output))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::errc))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::entry_failure))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::failure))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::ticket))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::outcome))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::report_entry))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::oplist_report))

// -- oplists
CAF_ADD_TYPE_ID(spindle_messages, (spindle::callback))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::list_callback))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::on_error))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::oplist_entry))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::oplist))

// -- control
CAF_ADD_TYPE_ID(spindle_messages, (spindle::cancel))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::get_status))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::operation_count))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::queue_status))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::shutdown))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::undone))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::shutdown_report))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::supervisor_actor))

// -- writers
CAF_ADD_TYPE_ID(spindle_messages, (spindle::pacing))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::profile))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::profile_choice))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::write_data))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::chain_policy))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::writer_status))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::progress_receiver))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::await_writer))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::append_data))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::finish_writing))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::pause_writing))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::resume_writing))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::cancel_writing))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::set_profile))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::subscribe_progress))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::writer_actor))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::write_job))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::recall_writer))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::set_profiles))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::get_profiles))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::profile_list))

// -- nodes
CAF_ADD_TYPE_ID(spindle_messages, (spindle::answer))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::request_id))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::join))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::volume_info))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::welcome))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::ping))

// -- progress
CAF_ADD_TYPE_ID(spindle_messages, (spindle::get_progress))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::operation_progress))
CAF_ADD_TYPE_ID(spindle_messages, (spindle::operation_progress_receiver))

// -- lanes
CAF_ADD_TYPE_ID(spindle_messages, (spindle::lane_number))

// -- the device
CAF_ADD_TYPE_ID(spindle_messages, (spindle::engine_kind))

CAF_END_TYPE_ID_BLOCK(spindle_messages)

// -- messages that never leave the process ------------------------------------

CAF_BEGIN_TYPE_ID_BLOCK(spindle_local, caf::id_block::spindle_messages::end)

CAF_ADD_TYPE_ID(spindle_local, (spindle::local_callback))
CAF_ADD_TYPE_ID(spindle_local, (spindle::local_list_callback))
CAF_ADD_TYPE_ID(spindle_local, (spindle::in_lane))
CAF_ADD_TYPE_ID(spindle_local, (spindle::reach_node))
CAF_ADD_TYPE_ID(spindle_local, (spindle::next_request_id))

CAF_END_TYPE_ID_BLOCK(spindle_local)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::local_callback)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::local_list_callback)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::in_lane)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::reach_node)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(spindle::next_request_id)

// -- the block of all types ---------------------------------------------------

namespace caf::id_block {

/// All types of Spindle, also those that only its own actors know. To be named
/// in CAF_MAIN: `CAF_MAIN(caf::id_block::spindle)`. The block of an application
/// may begin where this one ends.
struct spindle {
  static constexpr type_id_t begin = spindle_messages::begin;
  static constexpr type_id_t end = begin + 256;
};

} // namespace caf::id_block

namespace spindle::detail {

/// Announces all types of Spindle to CAF. Compiled into the library, because
/// that of each of them takes CAF 1.x a while.
SPINDLE_EXPORT void init_own_types();

/// Lets those travel to other nodes that are meant to, and errors of Spindle be
/// printed.
/// @throws std::logic_error if they were not announced before.
SPINDLE_EXPORT void add_own_types(caf::actor_system_config& cfg);

} // namespace spindle::detail

CAFX_LIBRARY_BLOCK(spindle, spindle::detail::init_own_types,
                   spindle::detail::add_own_types)
