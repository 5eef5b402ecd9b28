// `spindle mv`: other names on one disk.
#include "complaints.hpp"
#include "place_command.hpp"
#include "relocation.hpp"

#include <memory>

namespace spindle::tool {

namespace {

constexpr const char* mv_description
  = "Renames and moves files and directories.";

constexpr const char* mv_footer = R"(Examples:
  spindle mv draft.txt final.txt
  spindle mv *.log old/
  spindle mv --no-clobber incoming/photo.jpg photos

Between devices, everything is copied and synced before the source is removed. A
directory replaces another one only if that is empty.

A signal ends it, and leaves nothing half done; a second one ends it at once.

Exit code: 0 all was moved, 1 something could not be, 2 usage.)";

attempt<done> move_directory(disk_access& disk, const std::string& source,
                             const std::string& target, bool target_exists) {
  if (target_exists) {
    // Removes it only if it is empty, whatever happens meanwhile.
    auto removed
      = disk.run(directory_delete{.path = target, .recursive = false});
    if (!removed)
      return removed;
  }
  return disk.run(directory_move{.path = source, .target = target});
}

attempt<done> move_one(disk_access& disk, const std::string& source,
                       const std::string& target, bool no_clobber) {
  auto info = disk.run(file_stat{.path = source, .follow = false});
  if (!info)
    return tl::unexpected{info.error()};
  auto there = disk.run(file_stat{.path = target, .follow = false});
  if (there && no_clobber)
    return tl::unexpected{refusal(errc::already_exists, target)};
  if (info->type != file_type::directory)
    return disk.run(
      file_move{.path = source, .target = target, .overwrite = !no_clobber});
  if (there && are_same(*info, *there))
    return tl::unexpected{
      refusal(errc::invalid_argument, target, "it is the same as " + source)};
  return move_directory(disk, source, target, there.has_value());
}

int run(const relocation_options& options, place& here) {
  complaints failed{"mv"};
  for_each_relocation(
    options, here.disk(), failed,
    [&](const std::string& source, const std::string& target) {
      auto moved = move_one(here.disk(), source, target, options.no_clobber);
      if (!moved)
        failed.add(moved.error());
    });
  return failed.exit_code();
}

} // namespace

void add_mv(CLI::App& app, command& chosen) {
  auto options = std::make_shared<relocation_options>();
  auto& cmd = *app.add_subcommand("mv", mv_description)->group(file_commands);
  cmd.footer(mv_footer);
  add_relocation_options(cmd, *options);
  add_place_options(cmd, options->where);
  choose_stoppably(cmd, chosen, options, run);
}

} // namespace spindle::tool
