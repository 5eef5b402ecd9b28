// `spindle stat`: shows the metadata of paths.
#include "cli/complaints.hpp"
#include "cli/paths_option.hpp"
#include "cli/place_command.hpp"
#include "cli/print.hpp"
#include "text/file_text.hpp"
#include "text/json_encode.hpp"
#include "text/progress_text.hpp"
#include "text/rfc3339.hpp"
#include "text/text_table.hpp"

#include "spindle/config/utf8.hpp"

#include <memory>

namespace spindle::tool {

namespace {

// -- the command line ---------------------------------------------------------

constexpr const char* stat_description
  = "Shows type, size, times and other metadata of paths.";

constexpr const char* stat_footer = R"(Examples:
  spindle stat backup.tar
  spindle stat --no-follow current
  spindle stat --json *.log | jq -s 'map(.size) | add'

Times are in UTC. With --json, each line is an object, as for `file_stat` in
docs/spindle-run.md.

Exit code: 0 everything was shown, 1 something was not, 2 usage, 3 the output
could not be written.)";

struct stat_options {
  place_options where;
  std::vector<std::string> paths;
  bool no_follow = false;
  bool as_json = false;
};

// -- output -------------------------------------------------------------------

std::string size_text(uint64_t bytes) {
  auto res = std::to_string(bytes);
  return bytes < 1000
         ? res
         : res + " (" + short_size(static_cast<double>(bytes)) + ')';
}

std::string to_table(const std::string& path, const file_info& x) {
  text_table res{{"path"}, {config::printable(path)}};
  res.add_row({"type", to_string(x.type)});
  res.add_row({"size", size_text(x.size)});
  res.add_row({"allocated", size_text(x.allocated)});
  res.add_row({"permissions", octal_text(x.permissions) + ' '
                                + mode_text(x.type, x.permissions)});
  res.add_row({"user", std::to_string(x.user)});
  res.add_row({"group", std::to_string(x.group)});
  res.add_row({"links", std::to_string(x.links)});
  res.add_row({"device", std::to_string(x.device)});
  res.add_row({"inode", std::to_string(x.inode)});
  res.add_row({"accessed", to_rfc3339(x.accessed)});
  res.add_row({"modified", to_rfc3339(x.modified)});
  res.add_row({"changed", to_rfc3339(x.changed)});
  return res.text();
}

std::string to_json_line(const std::string& path, const file_info& x) {
  auto res = json::object();
  put_bytes(res, "path", path);
  res.update(encode_output(file_stat{}, x));
  return to_line(res) + '\n';
}

int run(const stat_options& options, place& here) {
  complaints failed{"stat"};
  std::string text;
  for (const auto& path : options.paths) {
    auto info
      = here.disk().run(file_stat{.path = path, .follow = !options.no_follow});
    if (!info)
      failed.add(info.error());
    else if (options.as_json)
      text += to_json_line(path, *info);
    else
      text += (text.empty() ? "" : "\n") + to_table(path, *info);
  }
  auto code = print(text);
  return code != exit_success ? code : failed.exit_code();
}

} // namespace

void add_stat(CLI::App& app, command& chosen) {
  auto options = std::make_shared<stat_options>();
  auto& cmd
    = *app.add_subcommand("stat", stat_description)->group(file_commands);
  cmd.footer(stat_footer);
  add_paths(cmd, options->paths, "Paths to show");
  cmd.add_flag("--no-follow", options->no_follow,
               "Show symbolic links themselves");
  cmd.add_flag("--json", options->as_json, "Write one JSON object per line");
  add_place_options(cmd, options->where);
  choose_at_place(cmd, chosen, options, run);
}

} // namespace spindle::tool
