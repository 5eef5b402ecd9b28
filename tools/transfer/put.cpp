// `spindle put`: copies files from this machine to the disk.
#include "cli/command.hpp"
#include "cli/disk_path.hpp"
#include "cli/local_disk.hpp"
#include "transfer/transfer_command.hpp"

#include <algorithm>
#include <memory>

namespace spindle::tool {

namespace {

constexpr const char* put_description
  = "Copies files from this machine to the disk, checked and resumable.";

constexpr const char* put_footer = R"(Examples:
  spindle put disk.qcow2 images/
  spindle put -r site *.html www/ --retry 5
  tar cz /etc | spindle put - backup/etc.tar.gz

The bytes go to a hidden part beside TARGET, which becomes TARGET when the
checksums of both sides agree. If the transfer ends early, the same command
resumes it, unless the source is a pipe.

Exit code: 0 everything was transferred, 1 something was not, 2 usage, 3 the
output could not be written.)";

/// Returns whether the source can only be read once, from the beginning.
bool is_stream(const std::string& source, disk_access& files) {
  if (source == "-")
    return true;
  auto info = files.run(file_stat{.path = source});
  return info
      && (info->type == file_type::fifo
          || info->type == file_type::character_device);
}

int bring(const transfer_options& options) {
  local_disk files;
  return run_transfer("put", options, [&](place& here) {
    return transfer_sides{.from = files,
                          .to = here.disk(),
                          .is_stream = [&files](const std::string& source) {
                            return is_stream(source, files);
                          }};
  });
}

} // namespace

void add_put(CLI::App& app, command& chosen) {
  auto options = std::make_shared<transfer_options>();
  auto& cmd
    = *app.add_subcommand("put", put_description)->group(transfer_commands);
  cmd.footer(put_footer);
  add_transfer_options(cmd, *options,
                       "Files or pipes of this machine, or patterns of files, "
                       "or - for stdin, then a file or directory on the disk; "
                       "without a target, the file gets the same name there");
  cmd.callback([&chosen, options] {
    auto sources = options->sources();
    auto has_stdin
      = std::find(sources.begin(), sources.end(), "-") != sources.end();
    if (has_stdin && options->target().empty())
      throw CLI::RequiredError{"a target for stdin"};
    if (has_stdin && sources.size() > 1)
      throw CLI::ValidationError{"PATH",
                                 "stdin cannot be one of several sources"};
    chosen = [options] { return bring(*options); };
  });
}

} // namespace spindle::tool
