// `spindle get`: copies files from the disk to this machine.
#include "cli/command.hpp"
#include "cli/complaints.hpp"
#include "cli/disk_path.hpp"
#include "cli/local_disk.hpp"
#include "cli/place_command.hpp"
#include "cli/print.hpp"
#include "transfer/transfer_command.hpp"

#include "spindle/fs/content_hash.hpp"

#include <memory>

namespace spindle::tool {

namespace {

// -- the command line ---------------------------------------------------------

constexpr const char* get_description
  = "Fetches files from the disk to this machine, checked and resumable.";

constexpr const char* get_footer = R"(Examples:
  spindle get images/disk.qcow2
  spindle get -r site 'logs/*.gz' /tmp --rate 20M
  spindle get logs/today.gz - | zcat

The bytes go to a hidden part beside TARGET, which becomes TARGET when the
checksums of both sides agree. If the transfer ends early, the same command
resumes it.

Exit code: 0 everything was transferred, 1 something was not, 2 usage, 3 the
output could not be written.)";

// -- to stdout ----------------------------------------------------------------

int fail(const failure& why) {
  complaints failed{"get"};
  failed.add(why);
  return failed.exit_code();
}

/// Compares the checksum of the written bytes with that of the source.
int verify(disk_access& disk, const std::string& source,
           const fs::content_hash& written) {
  auto checksum = disk.run(file_checksum{.path = source});
  if (!checksum)
    return fail(checksum.error());
  if (*checksum == written.digits())
    return exit_success;
  return fail({.code = errc::io_error,
               .path = source,
               .detail = "its checksum differs from that of the written bytes: "
                         "it changed during the transfer, or bytes were "
                         "damaged on the way; run the command again"});
}

int write_out(const transfer_options& options, place& here) {
  auto pace = pace_of(options.pace, here.profiles());
  if (!pace) {
    fail(pace.error());
    return exit_bad_input;
  }
  const auto& source = options.paths.front();
  file_chunks chunks{here.disk(), source, chunk_size_of(options, pace->get())};
  fs::content_hash written;
  for (;;) {
    auto chunk = chunks.next();
    if (!chunk)
      return fail(chunk.error());
    if (chunk->empty())
      return verify(here.disk(), source, written);
    written.add(chunk->bytes());
    if (*pace) {
      (*pace)->wait(nullptr);
      (*pace)->on_handed_over(chunk->size());
    }
    if (auto code = print(chunk->text()))
      return code;
    if (*pace)
      (*pace)->on_written(chunk->size());
  }
}

// -- to files -----------------------------------------------------------------

int fetch(const transfer_options& options) {
  local_disk files;
  return run_transfer("get", options, [&](place& here) {
    return transfer_sides{.from = here.disk(),
                          .to = files,
                          .is_stream = [](const auto&) { return false; }};
  });
}

} // namespace

void add_get(CLI::App& app, command& chosen) {
  auto options = std::make_shared<transfer_options>();
  auto& cmd
    = *app.add_subcommand("get", get_description)->group(transfer_commands);
  cmd.footer(get_footer);
  add_transfer_options(cmd, *options,
                       "Files on the disk, or patterns of them, then a file or "
                       "directory of this machine, or - for stdout; without a "
                       "target, the file gets the same name here");
  cmd.callback([&chosen, options] {
    if (options->target() != "-")
      chosen = [options] { return fetch(*options); };
    else if (options->paths.size() > 2 || options->recursive)
      throw CLI::ValidationError{"PATH", "only one file can go to stdout"};
    else if (options->as_json)
      throw CLI::ValidationError{"--json",
                                 "cannot be used if the target is stdout"};
    else
      chosen = [options] {
        return work_at(options->where,
                       [&](place& here) { return write_out(*options, here); });
      };
  });
}

} // namespace spindle::tool
