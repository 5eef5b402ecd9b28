// `spindle put`: a file of this machine comes to the disk.
#include "command.hpp"
#include "disk_path.hpp"
#include "local_disk.hpp"
#include "transfer_command.hpp"

#include <memory>

namespace spindle::tool {

namespace {

constexpr const char* put_description
  = "Brings a file of this machine to the disk, checked and resumable.";

constexpr const char* put_footer = R"(Examples:
  spindle put disk.qcow2 images/
  spindle put disk.qcow2 images/new.qcow2 --json
  tar cz /etc | spindle put - backup/etc.tar.gz

The bytes go to TARGET.part, which becomes TARGET when the checksums of both
sides agree. If the transfer ends early, the same command goes on from there,
unless the source is a pipe.

Exit code: 0 all is there, 1 it is not, 2 usage, 3 the output could not be
written.)";

/// Returns whether the source can be read but once, from the beginning.
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
    return transfer_job{
      .from = files,
      .source = options.source,
      .to = here.disk(),
      .target = target_of(options, here.disk(), local_name(options.source)),
      .from_stream = is_stream(options.source, files),
      .chunk_size = chunk_size_of(options),
      .resume = !options.no_resume};
  });
}

} // namespace

void add_put(CLI::App& app, command& chosen) {
  auto options = std::make_shared<transfer_options>();
  auto& cmd
    = *app.add_subcommand("put", put_description)->group(transfer_commands);
  cmd.footer(put_footer);
  add_transfer_options(cmd, *options,
                       "A file or pipe of this machine; - is stdin",
                       "A file or directory of the disk; by default, a file of "
                       "the same name");
  cmd.callback([&chosen, options] {
    if (options->source == "-" && options->target.empty())
      throw CLI::RequiredError{"TARGET"};
    chosen = [options] { return bring(*options); };
  });
}

} // namespace spindle::tool
