// One function for each operation; `execution` selects the one to call. Long
// operations, whose work grows with the data or the tree, are coroutines that
// can rest. Those that rest only if a file is large are coroutines only then.
#pragma once

#include "spindle/fs/execute.hpp"
#include "spindle/fs/failures.hpp"
#include "spindle/fs/final_syncs.hpp"
#include "spindle/fs/slice.hpp"
#include "spindle/fs/task.hpp"
#include "spindle/fs/vfs.hpp"
#include "spindle/ops/operations.hpp"

#include <string>

namespace spindle::fs {

/// What an operation needs to be performed.
struct context {
  vfs& disk;
  const limits& bounds;
  /// Receives the syncs that make the effect of the operation durable.
  final_syncs& last;
  /// Keeps the places of walks between two pages; may be null.
  kept_walks* walks = nullptr;
  progress_sink progress{};
  /// Where long operations rest.
  slices rests{};
  /// Whether nobody else gets the disk before the operation is done.
  bool whole = false;
};

// -- file_ops.cpp -------------------------------------------------------------

attempt<bool> perform(const context&, const file_exists&);
value_or_task<attempt<done>> perform(const context&, const file_create&);
value_or_task<attempt<done>> perform(const context&, const file_delete&);
value_or_task<attempt<buffer>> perform(const context&, const file_read&);
value_or_task<attempt<done>> perform(const context&, const file_write&);
value_or_task<attempt<done>> perform(const context&, const file_truncate&);
task<attempt<std::string>> perform(const context&, const file_checksum&);

// -- file_transfer_ops.cpp ----------------------------------------------------

value_or_task<attempt<done>> perform(const context&, const file_rename&);
task<attempt<done>> perform(const context&, const file_move&);
task<attempt<done>> perform(const context&, const file_copy&);

// -- directory_ops.cpp --------------------------------------------------------

attempt<bool> perform(const context&, const directory_exists&);
attempt<done> perform(const context&, const directory_create&);
task<attempt<done>> perform(const context&, const directory_delete&);
task<attempt<directory_listing>> perform(const context&,
                                         const directory_contents&);

// -- directory_transfer_ops.cpp -----------------------------------------------

task<attempt<done>> perform(const context&, const directory_rename&);
task<attempt<done>> perform(const context&, const directory_move&);
task<attempt<done>> perform(const context&, const directory_copy&);

// -- walk.cpp -----------------------------------------------------------------

task<attempt<walk_page>> perform(const context&, const directory_walk&);

// -- attribute_ops.cpp --------------------------------------------------------

attempt<file_info> perform(const context&, const file_stat&);
attempt<done> perform(const context&, const file_sync&);
attempt<space_info> perform(const context&, const disk_space&);
value_or_task<attempt<done>> perform(const context&, const symlink_create&);
attempt<std::string> perform(const context&, const symlink_read&);
attempt<done> perform(const context&, const set_permissions&);
attempt<done> perform(const context&, const set_times&);

} // namespace spindle::fs
