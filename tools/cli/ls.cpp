// `spindle ls`: lists directories.
#include "cli/complaints.hpp"
#include "cli/disk_path.hpp"
#include "cli/paths_option.hpp"
#include "cli/place_command.hpp"
#include "cli/print.hpp"
#include "text/file_text.hpp"
#include "text/json_encode.hpp"
#include "text/progress_text.hpp"
#include "text/text_table.hpp"

#include "spindle/config/utf8.hpp"

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>

namespace spindle::tool {

namespace {

// -- the command line ---------------------------------------------------------

constexpr const char* ls_description = "Lists directories.";

constexpr const char* ls_footer = R"(Examples:
  spindle ls
  spindle ls -lh /var/log
  spindle ls -R --json src | jq -r 'select(.type == "symlink").path'

Names are sorted byte by byte. Control characters, and bytes that are no UTF-8,
are shown as \xNN. With --json, each line is an object with the exact path.

Exit code: 0 everything was listed, 1 something was not, 2 usage, 3 the output
could not be written.)";

struct ls_options {
  place_options where;
  std::vector<std::string> paths{"."};
  bool details = false;
  bool human = false;
  bool all = false;
  bool recursive = false;
  bool as_json = false;
};

void add_options(CLI::App& cmd, ls_options& options) {
  // -h has another meaning here, as in ls(1).
  cmd.set_help_flag("--help", "Print this help message and exit");
  add_paths(cmd, options.paths, "Directories, or files; \".\" by default");
  cmd.add_flag("-l,--long", options.details,
               "Show type, permissions, size, time, and the targets of links");
  cmd.add_flag("-h,--human", options.human,
               "Show sizes as 1.25MiB instead of bytes");
  cmd.add_flag("-a,--all", options.all,
               "Also show names that begin with a period");
  cmd.add_flag("-R,--recursive", options.recursive,
               "Show the whole tree, with paths relative to PATH");
  cmd.add_flag("--json", options.as_json, "Write one JSON object per line");
  add_place_options(cmd, options.where);
}

// -- what is listed -----------------------------------------------------------

/// Entries in a request, and requests for details in flight.
constexpr uint32_t page_size = 1000;

struct listed {
  std::string path;
  /// The part of the path that is shown.
  std::string name;
  file_type type = file_type::unknown;
  /// With --long.
  std::optional<file_info> info{};
  /// Target of a symbolic link, with --long.
  std::string target{};
};

/// Lists files and directories to stdout.
class lister {
public:
  lister(disk_access& disk, const ls_options& options)
      : disk_(disk), options_(options) {}

  int run() {
    std::vector<listed> files;
    std::vector<std::string> directories;
    for (const auto& path : options_.paths)
      sort_out(path, files, directories);
    show(std::move(files));
    for (const auto& path : directories)
      list(path);
    return output_ != exit_success ? output_ : complaints_.exit_code();
  }

private:
  /// Separates directories, and links to directories, from other files.
  void sort_out(const std::string& path, std::vector<listed>& files,
                std::vector<std::string>& directories) {
    auto info = disk_.run(file_stat{.path = path});
    if (info && info->type == file_type::directory) {
      directories.push_back(path);
      return;
    }
    info = disk_.run(file_stat{.path = path, .follow = false});
    if (info)
      files.push_back({.path = path, .name = path, .type = info->type});
    else
      complaints_.add(info.error());
  }

  void list(const std::string& top) {
    if (options_.paths.size() > 1 && !options_.as_json)
      write((any_output_ ? "\n" : "") + config::printable(top) + ":\n");
    directory_walk walk{.path = top,
                        .max_depth = options_.recursive ? 0U : 1U,
                        .limit = page_size};
    do {
      auto page = disk_.run(walk);
      if (!page) {
        complaints_.add(page.error());
        return;
      }
      show(entries_of(top, *page));
      for (const auto& x : page->unreadable)
        complaints_.add(joined(top, x.path), std::strerror(x.sys_errno));
      walk.after = page->next;
    } while (!walk.after.empty() && output_ == exit_success);
  }

  std::vector<listed> entries_of(const std::string& top,
                                 const walk_page& page) const {
    std::vector<listed> res;
    for (const auto& x : page.entries)
      if (options_.all || !is_hidden(x.path))
        res.push_back(
          {.path = joined(top, x.path), .name = x.path, .type = x.type});
    return res;
  }

  // -- details ----------------------------------------------------------------

  /// Fills in the details. Reports and drops entries without them.
  void look_at(std::vector<listed>& entries) {
    std::deque<pending_answer> answers;
    for (const auto& x : entries) {
      answers.push_back(
        disk_.start(file_stat{.path = x.path, .follow = false}));
      if (x.type == file_type::symlink)
        answers.push_back(disk_.start(symlink_read{.path = x.path}));
    }
    auto next = [&answers]<class Output>(std::in_place_type_t<Output>) {
      auto res = disk_access::output_of<Output>(answers.front());
      answers.pop_front();
      return res;
    };
    std::erase_if(entries, [&](listed& x) {
      auto info = next(std::in_place_type<file_info>);
      if (x.type == file_type::symlink)
        x.target = next(std::in_place_type<std::string>).value_or("");
      if (!info) {
        complaints_.add(info.error());
        return true;
      }
      x.info = *info;
      return false;
    });
  }

  // -- output -----------------------------------------------------------------

  void show(std::vector<listed> entries) {
    if (options_.details)
      look_at(entries);
    if (options_.as_json)
      write(to_lines(entries));
    else if (options_.details)
      write(to_table(entries));
    else
      write(to_names(entries));
  }

  void write(const std::string& text) {
    any_output_ = any_output_ || !text.empty();
    if (output_ == exit_success)
      output_ = print(text);
  }

  static std::string to_names(const std::vector<listed>& entries) {
    std::string res;
    for (const auto& x : entries)
      res += config::printable(x.name) + '\n';
    return res;
  }

  std::string to_table(const std::vector<listed>& entries) const {
    text_table res{{}, {"", alignment::right}, {}, {}};
    for (const auto& x : entries) {
      auto name = config::printable(x.name);
      if (x.type == file_type::symlink)
        name += " -> " + config::printable(x.target);
      auto size = x.info->size;
      res.add_row({mode_text(x.info->type, x.info->permissions),
                   options_.human ? short_size(static_cast<double>(size))
                                  : std::to_string(size),
                   local_time_text(x.info->modified), name});
    }
    return res.text();
  }

  static std::string to_lines(const std::vector<listed>& entries) {
    std::string res;
    for (const auto& x : entries) {
      auto line = json::object();
      put_bytes(line, "path", x.path);
      line["type"] = to_string(x.type);
      if (x.info)
        line.update(encode_output(file_stat{}, *x.info));
      if (x.info && x.type == file_type::symlink)
        put_bytes(line, "target", x.target);
      res += to_line(line) + '\n';
    }
    return res;
  }

  disk_access& disk_;
  const ls_options& options_;
  complaints complaints_{"ls"};
  /// `exit_output_failed` once the output could not be written.
  int output_ = exit_success;
  bool any_output_ = false;
};

int run(const ls_options& options, place& here) {
  return lister{here.disk(), options}.run();
}

} // namespace

void add_ls(CLI::App& app, command& chosen) {
  auto options = std::make_shared<ls_options>();
  auto& cmd = *app.add_subcommand("ls", ls_description)->group(file_commands);
  cmd.footer(ls_footer);
  add_options(cmd, *options);
  choose_at_place(cmd, chosen, options, run);
}

} // namespace spindle::tool
