// `spindle cp`: copies files and directories on one disk.
#include "cli/complaints.hpp"
#include "cli/disk_path.hpp"
#include "cli/leftovers.hpp"
#include "cli/missing_directory.hpp"
#include "cli/place_command.hpp"
#include "cli/watched_work.hpp"
#include "text/file_text.hpp"
#include "transfer/paced_copy.hpp"
#include "transfer/relocation.hpp"
#include "transfer/tree_merge.hpp"

#include "spindle/fs/path.hpp"

#include <memory>
#include <optional>

namespace spindle::tool {

namespace {

// -- the command line ---------------------------------------------------------

constexpr const char* cp_description
  = "Copies files, and directories with -r, on one disk.";

constexpr const char* cp_footer = R"(Examples:
  spindle cp a.conf a.conf.old
  spindle cp *.log /var/backup
  spindle cp -r --no-clobber site /srv
  spindle cp disk.img /mnt --rate 20M
  spindle cp --archive /home/me /mnt/backup

A copy gets its name when it is complete, with permissions and times. -r merges
into an existing directory: files of the same name are replaced, others stay.
With -r, symbolic links are copied as links, else the files that they point to.
With --archive, owners, groups, extended attributes, access control lists, and
hard links within a directory are kept, too; a file that would lose any is not
copied. A terminal shows the progress.

A signal ends the command, which removes incomplete copies first; a second
signal ends it at once.

Exit code: 0 everything was copied, 1 something was not, 2 usage.)";

/// The number of symbolic links that Linux follows.
constexpr int max_links = 40;

// -- copying ------------------------------------------------------------------

class copier {
public:
  /// @param pace may be null.
  copier(disk_access& disk, const relocation_options& options,
         transfer_pace* pace, watched_work& work)
      : disk_(disk),
        options_(options),
        pace_(pace),
        line_(work.line),
        failed_(work.failed) {}

  void copy(const std::string& source, const std::string& target) {
    auto info = stat(source, !options_.recursive);
    if (!info)
      failed_.add(info.error());
    else if (info->type == file_type::directory)
      copy_directory(source, *info, target);
    else if (info->type == file_type::symlink)
      copy_file(source, *info, target);
    else
      copy_file(followed(source), *info, followed(target));
  }

private:
  attempt<file_info> stat(const std::string& path, bool follow) {
    return disk_.run(file_stat{.path = path, .follow = follow});
  }

  // -- files ------------------------------------------------------------------

  void copy_file(const std::string& source, const file_info& info,
                 const std::string& target) {
    if (auto why = obstacle(source, info, target)) {
      failed_.add(*why);
      return;
    }
    auto is_paced = pace_ && info.type == file_type::file;
    auto copied
      = is_paced ? copy_slowly(source, target) : copy_at_once(source, target);
    if (!copied)
      failed_.add(explained(disk_, copied.error(), target));
  }

  attempt<void> copy_slowly(const std::string& source,
                            const std::string& target) {
    line_.begin();
    auto res = copy_at_pace(disk_, source, target, !options_.no_clobber, *pace_,
                            [&](uint64_t done, std::optional<uint64_t> total) {
                              line_.show({.started = true,
                                          .bytes = done,
                                          .total_bytes = total,
                                          .path = source});
                            });
    line_.end(source);
    return res;
  }

  attempt<void> copy_at_once(const std::string& source,
                             const std::string& target) {
    return disk_
      .run(file_copy{.path = source,
                     .target = target,
                     .overwrite = !options_.no_clobber,
                     .preserve = options_.archive})
      .map([](done) {});
  }

  /// Returns why a target must not be replaced: for instance, a device would
  /// become a file.
  std::optional<failure> obstacle(const std::string& source,
                                  const file_info& info,
                                  const std::string& target) {
    auto there = stat(target, false);
    if (!there)
      return std::nullopt;
    if (options_.no_clobber)
      return refusal(errc::already_exists, target);
    if (are_same(info, *there))
      return refusal(errc::invalid_argument, target,
                     "it is the same file as " + source);
    if (there->type != file_type::file && there->type != file_type::symlink)
      return refusal(errc::already_exists, target, no_file_text(there->type));
    return std::nullopt;
  }

  /// Follows symbolic links at the end of a path.
  std::string followed(std::string path) {
    for (int i = 0; i < max_links; ++i) {
      auto info = stat(path, false);
      if (!info || info->type != file_type::symlink)
        break;
      auto target = disk_.run(symlink_read{.path = path});
      if (!target)
        break;
      path = pointed_to(path, *target);
    }
    return path;
  }

  // -- directories ------------------------------------------------------------

  void copy_directory(const std::string& source, const file_info& info,
                      const std::string& target) {
    if (!options_.recursive) {
      failed_.add(source,
                  "it is a directory; -r copies it with all that it contains");
      return;
    }
    auto there = stat(target, true);
    if (!there && pace_) {
      if (is_parent_within(target, info))
        failed_.add(source, "it cannot be copied into itself");
      else
        copy_entries(source, target);
    } else if (!there) {
      auto copied = disk_.run(directory_copy{
        .path = source, .target = target, .preserve = options_.archive});
      if (!copied)
        failed_.add(
          explained(disk_, copied.error(), fs::without_slash(target)));
    } else if (there->type != file_type::directory) {
      failed_.add(refusal(errc::not_a_directory, target,
                          "it exists and is not a directory"));
    } else if (is_within(target, *there, info)) {
      failed_.add(source, "it cannot be copied into itself");
    } else {
      copy_entries(source, target);
    }
  }

  void copy_entries(const std::string& source, const std::string& target) {
    if (!disk_.has_volumes())
      leftovers{}.sweep_tree(target);
    auto on_failure = [this](const failure& why) { failed_.add(why); };
    if (!pace_) {
      merge_tree(
        disk_, source, target,
        {.overwrite = !options_.no_clobber, .preserve = options_.archive},
        on_failure);
      return;
    }
    auto on_file = [this](const std::string& from, const std::string& to) {
      if (auto info = stat(from, false))
        copy_file(from, *info, to);
      else
        failed_.add(info.error());
    };
    copy_tree_at_pace(disk_, source, target, !options_.no_clobber, on_file,
                      on_failure);
  }

  bool is_parent_within(std::string path, const file_info& outer) {
    while (path.ends_with('/'))
      path.pop_back();
    path.resize(begin_of_name(path, disk_.has_volumes()));
    if (path.empty())
      path = ".";
    auto info = stat(path, true);
    return info && is_within(path, *info, outer);
  }

  /// Returns whether a directory is `outer` or inside of it.
  bool is_within(std::string path, file_info info, const file_info& outer) {
    for (;;) {
      if (are_same(info, outer))
        return true;
      path = joined(path, "..");
      auto parent = stat(path, true);
      if (!parent || are_same(*parent, info))
        return false;
      info = *parent;
    }
  }

  disk_access& disk_;
  const relocation_options& options_;
  transfer_pace* pace_;
  operation_line& line_;
  complaints& failed_;
};

int run_cp(const relocation_options& options, place& here) {
  watched_work work{"cp", here};
  auto pace = pace_of(options.pace, here.profiles());
  if (!pace) {
    work.failed.add(pace.error());
    return exit_bad_input;
  }
  copier one{here.disk(), options, pace->get(), work};
  for_each_relocation(
    options, here.disk(), work.failed,
    [&one](const std::string& source, const std::string& target) {
      one.copy(source, target);
    });
  return work.failed.exit_code();
}

} // namespace

void add_cp(CLI::App& app, command& chosen) {
  auto options = std::make_shared<relocation_options>();
  auto& cmd = *app.add_subcommand("cp", cp_description)->group(file_commands);
  cmd.footer(cp_footer);
  add_relocation_options(cmd, *options);
  cmd.add_flag("-r,-R,--recursive", options->recursive,
               "Copy directories with all that they contain");
  add_pace_options(cmd, options->pace);
  // A copy with a pace moves chunks of bytes, and no attributes.
  cmd
    .add_flag(
      "-a,--archive",
      [options](int64_t) { options->recursive = options->archive = true; },
      "Like -r, and keep owners, attributes, access control lists and hard "
      "links")
    ->excludes("--rate", "--profile");
  add_place_options(cmd, options->where);
  choose_stoppably(cmd, chosen, options, run_cp);
}

} // namespace spindle::tool
