// Every message of Spindle, known to CAF.
#pragma once

#include "spindle/node/protocol.hpp"

#include <map>
#include <string>

// The build chooses where the block begins, to keep clear of the application's.
#ifndef SPINDLE_FIRST_TYPE_ID
#  define SPINDLE_FIRST_TYPE_ID 3200
#endif

CAF_BEGIN_TYPE_ID_BLOCK(spindle, SPINDLE_FIRST_TYPE_ID)

// -- operations and their options
CAF_ADD_TYPE_ID(spindle, (spindle::directory_exists))
CAF_ADD_TYPE_ID(spindle, (spindle::directory_create))
CAF_ADD_TYPE_ID(spindle, (spindle::directory_delete))
CAF_ADD_TYPE_ID(spindle, (spindle::directory_rename))
CAF_ADD_TYPE_ID(spindle, (spindle::directory_move))
CAF_ADD_TYPE_ID(spindle, (spindle::directory_copy))
CAF_ADD_TYPE_ID(spindle, (spindle::directory_contents))
CAF_ADD_TYPE_ID(spindle, (spindle::directory_walk))
CAF_ADD_TYPE_ID(spindle, (spindle::file_exists))
CAF_ADD_TYPE_ID(spindle, (spindle::file_create))
CAF_ADD_TYPE_ID(spindle, (spindle::file_delete))
CAF_ADD_TYPE_ID(spindle, (spindle::file_rename))
CAF_ADD_TYPE_ID(spindle, (spindle::file_move))
CAF_ADD_TYPE_ID(spindle, (spindle::file_copy))
CAF_ADD_TYPE_ID(spindle, (spindle::file_read))
CAF_ADD_TYPE_ID(spindle, (spindle::file_write))
CAF_ADD_TYPE_ID(spindle, (spindle::file_stat))
CAF_ADD_TYPE_ID(spindle, (spindle::file_truncate))
CAF_ADD_TYPE_ID(spindle, (spindle::file_sync))
CAF_ADD_TYPE_ID(spindle, (spindle::file_checksum))
CAF_ADD_TYPE_ID(spindle, (spindle::disk_space))
CAF_ADD_TYPE_ID(spindle, (spindle::symlink_create))
CAF_ADD_TYPE_ID(spindle, (spindle::symlink_read))
CAF_ADD_TYPE_ID(spindle, (spindle::set_permissions))
CAF_ADD_TYPE_ID(spindle, (spindle::set_times))
CAF_ADD_TYPE_ID(spindle, (spindle::operation))
CAF_ADD_TYPE_ID(spindle, (spindle::durability))
CAF_ADD_TYPE_ID(spindle, (spindle::write_mode))
CAF_ADD_TYPE_ID(spindle, (spindle::file_type))

// -- answers
CAF_ADD_TYPE_ID(spindle, (spindle::done))
CAF_ADD_TYPE_ID(spindle, (spindle::buffer))
CAF_ADD_TYPE_ID(spindle, (spindle::directory_entry))
CAF_ADD_TYPE_ID(spindle, (spindle::directory_listing))
CAF_ADD_TYPE_ID(spindle, (spindle::file_info))
CAF_ADD_TYPE_ID(spindle, (spindle::walk_entry))
CAF_ADD_TYPE_ID(spindle, (spindle::walk_page))
CAF_ADD_TYPE_ID(spindle, (spindle::space_info))
CAF_ADD_TYPE_ID(spindle, (spindle::output))
CAF_ADD_TYPE_ID(spindle, (spindle::errc))
CAF_ADD_TYPE_ID(spindle, (spindle::entry_failure))
CAF_ADD_TYPE_ID(spindle, (spindle::failure))
CAF_ADD_TYPE_ID(spindle, (spindle::ticket))
CAF_ADD_TYPE_ID(spindle, (spindle::outcome))
CAF_ADD_TYPE_ID(spindle, (spindle::report_entry))
CAF_ADD_TYPE_ID(spindle, (spindle::oplist_report))

// -- oplists
CAF_ADD_TYPE_ID(spindle, (spindle::callback))
CAF_ADD_TYPE_ID(spindle, (spindle::list_callback))
CAF_ADD_TYPE_ID(spindle, (spindle::on_error))
CAF_ADD_TYPE_ID(spindle, (spindle::oplist_entry))
CAF_ADD_TYPE_ID(spindle, (spindle::oplist))

// -- control
CAF_ADD_TYPE_ID(spindle, (spindle::cancel))
CAF_ADD_TYPE_ID(spindle, (spindle::get_status))
CAF_ADD_TYPE_ID(spindle, (spindle::operation_count))
CAF_ADD_TYPE_ID(spindle, (spindle::queue_status))
CAF_ADD_TYPE_ID(spindle, (spindle::shutdown))
CAF_ADD_TYPE_ID(spindle, (spindle::undone))
CAF_ADD_TYPE_ID(spindle, (spindle::shutdown_report))
CAF_ADD_TYPE_ID(spindle, (spindle::supervisor_actor))

// -- writers
CAF_ADD_TYPE_ID(spindle, (spindle::pacing))
CAF_ADD_TYPE_ID(spindle, (spindle::profile))
CAF_ADD_TYPE_ID(spindle, (spindle::profile_choice))
CAF_ADD_TYPE_ID(spindle, (spindle::write_data))
CAF_ADD_TYPE_ID(spindle, (spindle::chain_policy))
CAF_ADD_TYPE_ID(spindle, (spindle::writer_status))
CAF_ADD_TYPE_ID(spindle, (spindle::progress_receiver))
CAF_ADD_TYPE_ID(spindle, (spindle::await_writer))
CAF_ADD_TYPE_ID(spindle, (spindle::append_data))
CAF_ADD_TYPE_ID(spindle, (spindle::finish_writing))
CAF_ADD_TYPE_ID(spindle, (spindle::pause_writing))
CAF_ADD_TYPE_ID(spindle, (spindle::resume_writing))
CAF_ADD_TYPE_ID(spindle, (spindle::cancel_writing))
CAF_ADD_TYPE_ID(spindle, (spindle::set_profile))
CAF_ADD_TYPE_ID(spindle, (spindle::subscribe_progress))
CAF_ADD_TYPE_ID(spindle, (spindle::writer_actor))
CAF_ADD_TYPE_ID(spindle, (spindle::write_job))
CAF_ADD_TYPE_ID(spindle, (spindle::recall_writer))
CAF_ADD_TYPE_ID(spindle, (spindle::set_profiles))
CAF_ADD_TYPE_ID(spindle, (spindle::get_profiles))
CAF_ADD_TYPE_ID(spindle, (spindle::profile_list))

// -- nodes
CAF_ADD_TYPE_ID(spindle, (spindle::answer))
CAF_ADD_TYPE_ID(spindle, (spindle::request_id))
CAF_ADD_TYPE_ID(spindle, (spindle::join))
CAF_ADD_TYPE_ID(spindle, (spindle::volume_info))
CAF_ADD_TYPE_ID(spindle, (spindle::welcome))
CAF_ADD_TYPE_ID(spindle, (spindle::ping))

// -- progress
CAF_ADD_TYPE_ID(spindle, (spindle::get_progress))
CAF_ADD_TYPE_ID(spindle, (spindle::operation_progress))

CAF_END_TYPE_ID_BLOCK(spindle)
