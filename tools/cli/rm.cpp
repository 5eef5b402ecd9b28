// `spindle rm`: removes files and directories.
#include "cli/complaints.hpp"
#include "cli/paths_option.hpp"
#include "cli/place_command.hpp"
#include "cli/watched_work.hpp"

#include <memory>

namespace spindle::tool {

namespace {

constexpr const char* rm_description
  = "Removes files, and directories with -r.";

constexpr const char* rm_footer = R"(Examples:
  spindle rm old.log
  spindle rm -rf build
  spindle rm -- -oddly-named

Symbolic links are removed, never followed. Failures are listed, and everything
else is removed nevertheless. A terminal shows the progress.

Exit code: 0 everything was removed, 1 something was not, 2 usage.)";

struct rm_options {
  place_options where;
  std::vector<std::string> paths;
  bool recursive = false;
  bool force = false;
};

attempt<done> remove(disk_access& disk, const std::string& path,
                     bool recursive) {
  auto info = disk.run(file_stat{.path = path, .follow = false});
  if (!info)
    return tl::unexpected{info.error()};
  if (info->type != file_type::directory)
    return disk.run(file_delete{.path = path});
  if (recursive)
    return disk.run(directory_delete{.path = path});
  return tl::unexpected{failure{
    .code = errc::is_a_directory,
    .path = path,
    .detail = "it is a directory; -r removes it with all that it contains"}};
}

int run(const rm_options& options, place& here) {
  watched_work work{"rm", here};
  for (const auto& path : options.paths) {
    auto removed = remove(here.disk(), path, options.recursive);
    auto is_missing = !removed && removed.error().code == errc::not_found;
    if (!removed && !(is_missing && options.force))
      work.failed.add(removed.error());
  }
  return work.failed.exit_code();
}

} // namespace

void add_rm(CLI::App& app, command& chosen) {
  auto options = std::make_shared<rm_options>();
  auto& cmd = *app.add_subcommand("rm", rm_description)->group(file_commands);
  cmd.footer(rm_footer);
  add_paths(cmd, options->paths, "Paths to remove");
  cmd.add_flag("-r,-R,--recursive", options->recursive,
               "Remove directories with all that they contain");
  cmd.add_flag("-f,--force", options->force, "Ignore paths that do not exist");
  add_place_options(cmd, options->where);
  choose_at_place(cmd, chosen, options, run);
}

} // namespace spindle::tool
