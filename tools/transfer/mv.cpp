// `spindle mv`: moves files and directories on one disk.
#include "cli/complaints.hpp"
#include "cli/missing_directory.hpp"
#include "cli/place_command.hpp"
#include "cli/watched_work.hpp"
#include "transfer/relocation.hpp"

#include "spindle/fs/path.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace spindle::tool {

namespace {

constexpr const char* mv_description
  = "Renames and moves files and directories.";

constexpr const char* mv_footer = R"(Examples:
  spindle mv draft.txt final.txt
  spindle mv *.log old/
  spindle mv --no-clobber incoming/photo.jpg photos

A move to another device copies and syncs everything before it removes the
source, and keeps owner, attributes, access control list, and hard links within
a directory; a file that would lose any is not moved without --lossy. A
directory replaces another one only if that is empty. A terminal shows the
progress.

A signal ends the command, which removes incomplete copies first; a second
signal ends it at once.

Exit code: 0 everything was moved, 1 something was not, 2 usage.)";

class mover {
public:
  mover(disk_access& disk, const relocation_options& options)
      : disk_(disk), options_(options) {}

  attempt<done> move(const std::string& source, const std::string& target) {
    auto info = disk_.run(file_stat{.path = source, .follow = false});
    if (!info)
      return tl::unexpected{info.error()};
    auto there = disk_.run(file_stat{.path = target, .follow = false});
    if (there && options_.no_clobber)
      return tl::unexpected{refusal(errc::already_exists, target)};
    if (info->type != file_type::directory)
      return explained(move_file(source, *info, target), target);
    if (there && are_same(*info, *there))
      return tl::unexpected{
        refusal(errc::invalid_argument, target, "it is the same as " + source)};
    return explained(move_directory(source, target, there.has_value()),
                     fs::without_slash(target));
  }

private:
  using identity = std::pair<uint64_t, uint64_t>;

  attempt<done> explained(attempt<done> step, const std::string& target) {
    if (!step)
      step.error() = tool::explained(disk_, std::move(step.error()), target);
    return step;
  }

  attempt<done> move_directory(const std::string& source,
                               const std::string& target, bool target_exists) {
    if (target_exists) {
      // Fails unless the directory is empty, even if others change it now.
      auto removed
        = disk_.run(directory_delete{.path = target, .recursive = false});
      if (!removed)
        return removed;
    }
    return disk_.run(directory_move{
      .path = source, .target = target, .lossy = options_.lossy});
  }

  attempt<done> move_file(const std::string& source, const file_info& info,
                          const std::string& target) {
    if (auto other = lost_link(info))
      return tl::unexpected{refusal(
        errc::not_supported, source,
        "it is a hard link to " + *other
          + " and would become a separate file on the other device; --lossy "
            "moves it nevertheless")};
    auto moved = disk_.run(file_move{.path = source,
                                     .target = target,
                                     .overwrite = !options_.no_clobber,
                                     .lossy = options_.lossy});
    if (moved && info.links > 1)
      moved_.emplace(identity{info.device, info.inode}, source);
    return moved;
  }

  /// Returns another name of the same file under which it was moved before, if
  /// this move would go to another device.
  std::optional<std::string> lost_link(const file_info& info) {
    auto other = moved_.find({info.device, info.inode});
    if (other == moved_.end() || options_.lossy)
      return std::nullopt;
    auto where = disk_.run(file_stat{.path = options_.paths.back()});
    if (!where || where->device == info.device)
      return std::nullopt;
    return other->second;
  }

  disk_access& disk_;
  const relocation_options& options_;
  /// Moved files with several hard links, and the name that was moved.
  std::map<identity, std::string> moved_;
};

int run_mv(const relocation_options& options, place& here) {
  watched_work work{"mv", here};
  mover one{here.disk(), options};
  for_each_relocation(
    options, here.disk(), work.failed,
    [&](const std::string& source, const std::string& target) {
      if (auto moved = one.move(source, target); !moved)
        work.failed.add(moved.error());
    });
  return work.failed.exit_code();
}

} // namespace

void add_mv(CLI::App& app, command& chosen) {
  auto options = std::make_shared<relocation_options>();
  auto& cmd = *app.add_subcommand("mv", mv_description)->group(file_commands);
  cmd.footer(mv_footer);
  add_relocation_options(cmd, *options);
  cmd.add_flag("--lossy", options->lossy,
               "Move to another device even if properties are lost there");
  add_place_options(cmd, options->where);
  choose_stoppably(cmd, chosen, options, run_mv);
}

} // namespace spindle::tool
