// `spindle mkdir`: makes directories.
#include "cli/complaints.hpp"
#include "cli/missing_directory.hpp"
#include "cli/paths_option.hpp"
#include "cli/place_command.hpp"

#include "spindle/fs/path.hpp"

#include <memory>

namespace spindle::tool {

namespace {

constexpr const char* mkdir_description = "Makes directories.";

constexpr const char* mkdir_footer = R"(Examples:
  spindle mkdir backup
  spindle mkdir -p backup/2024/02

Exit code: 0 all were made, 1 one was not, 2 usage.)";

struct mkdir_options {
  place_options where;
  std::vector<std::string> paths;
  bool parents = false;
};

int run(const mkdir_options& options, place& here) {
  complaints failed{"mkdir"};
  for (const auto& path : options.paths) {
    auto made = here.disk().run(directory_create{
      .path = path, .parents = options.parents, .exist_ok = options.parents});
    if (!made)
      failed.add(explained(here.disk(), made.error(), fs::without_slash(path)));
  }
  return failed.exit_code();
}

} // namespace

void add_mkdir(CLI::App& app, command& chosen) {
  auto options = std::make_shared<mkdir_options>();
  auto& cmd
    = *app.add_subcommand("mkdir", mkdir_description)->group(file_commands);
  cmd.footer(mkdir_footer);
  add_paths(cmd, options->paths, "Directories to make");
  cmd.add_flag("-p,--parents", options->parents,
               "Make missing parents, too; existing directories are no error");
  add_place_options(cmd, options->where);
  choose_at_place(cmd, chosen, options, run);
}

} // namespace spindle::tool
