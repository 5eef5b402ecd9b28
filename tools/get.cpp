// `spindle get`: a file of the disk comes to this machine.
#include "command.hpp"
#include "complaints.hpp"
#include "disk_path.hpp"
#include "local_disk.hpp"
#include "place_command.hpp"
#include "print.hpp"
#include "transfer_command.hpp"

#include "spindle/fs/content_hash.hpp"

#include <memory>

namespace spindle::tool {

namespace {

// -- the command line ---------------------------------------------------------

constexpr const char* get_description
  = "Fetches a file from the disk to this machine, checked and resumable.";

constexpr const char* get_footer = R"(Examples:
  spindle get images/disk.qcow2
  spindle get images/disk.qcow2 /tmp --chunk-size 4MiB
  spindle get logs/today.gz - | zcat

The bytes go to TARGET.part, which becomes TARGET when the checksums of both
sides agree. If the transfer ends early, the same command goes on from there.

Exit code: 0 all is there, 1 it is not, 2 usage, 3 the output could not be
written.)";

// -- to stdout ----------------------------------------------------------------

int fail(const failure& why) {
  complaints failed{"get"};
  failed.add(why);
  return failed.exit_code();
}

/// Compares what was written with what the source is now.
int verify(disk_access& disk, const std::string& source,
           const fs::content_hash& written) {
  auto checksum = disk.run(file_checksum{.path = source});
  if (!checksum)
    return fail(checksum.error());
  if (*checksum == written.digits())
    return exit_success;
  return fail({.code = errc::io_error,
               .path = source,
               .detail = "its checksum is not that of what was written: it "
                         "changed meanwhile, or bytes were damaged on the "
                         "way"});
}

int write_out(const transfer_options& options, place& here) {
  file_chunks chunks{here.disk(), options.source, chunk_size_of(options)};
  fs::content_hash written;
  for (;;) {
    auto chunk = chunks.next();
    if (!chunk)
      return fail(chunk.error());
    if (chunk->empty())
      return verify(here.disk(), options.source, written);
    written.add(chunk->bytes());
    if (auto code = print(chunk->text()))
      return code;
  }
}

// -- to a file ----------------------------------------------------------------

int fetch(const transfer_options& options) {
  local_disk files;
  return run_transfer("get", options, [&](place& here) {
    return transfer_job{.from = here.disk(),
                        .source = options.source,
                        .to = files,
                        .target
                        = target_of(options, files, base_name(options.source)),
                        .chunk_size = chunk_size_of(options),
                        .resume = !options.no_resume};
  });
}

} // namespace

void add_get(CLI::App& app, command& chosen) {
  auto options = std::make_shared<transfer_options>();
  auto& cmd
    = *app.add_subcommand("get", get_description)->group(transfer_commands);
  cmd.footer(get_footer);
  add_transfer_options(cmd, *options, "A file of the disk",
                       "A file or directory of this machine; - is stdout; by "
                       "default, a file of the same name");
  cmd.callback([&chosen, options] {
    if (options->target != "-")
      chosen = [options] { return fetch(*options); };
    else if (options->as_json)
      throw CLI::ValidationError{"--json", "stdout cannot be the target then"};
    else
      chosen = [options] {
        return work_at(options->where,
                       [&](place& here) { return write_out(*options, here); });
      };
  });
}

} // namespace spindle::tool
