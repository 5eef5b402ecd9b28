// `spindle cat`: writes files to stdout.
#include "cli/complaints.hpp"
#include "cli/paths_option.hpp"
#include "cli/place_command.hpp"
#include "cli/print.hpp"
#include "transfer/chunks.hpp"

#include <memory>

namespace spindle::tool {

namespace {

constexpr const char* cat_description = "Writes files to stdout, byte by byte.";

constexpr const char* cat_footer = R"(Examples:
  spindle cat notes.txt
  spindle cat part.1 part.2 > whole
  spindle cat backup.tar | tar t

Exit code: 0 all was written, 1 a file could not be read, 2 usage, 3 the output
could not be written; a closed pipe causes no message.)";

constexpr uint64_t chunk_size = uint64_t{256} << 10;

struct cat_options {
  place_options where;
  std::vector<std::string> paths;
};

/// Writes a file to stdout.
/// @returns an exit code other than 0 if stdout cannot be written.
int write_out(chunk_source& from, complaints& failed) {
  for (;;) {
    auto chunk = from.next();
    if (!chunk)
      failed.add(chunk.error());
    if (!chunk || chunk->empty())
      return exit_success;
    if (auto code = print(chunk->text()))
      return code;
  }
}

/// Returns whether `path` is local and reading it may block, as from pipes and
/// terminals. Such reads must not block the queue.
bool is_stream(const cat_options& options, place& here,
               const std::string& path) {
  if (options.where.connect.is_remote())
    return false;
  auto info = here.disk().run(file_stat{.path = path});
  return info && info->type != file_type::file
      && info->type != file_type::directory;
}

/// Opens a path to read.
attempt<std::unique_ptr<chunk_source>>
open(const cat_options& options, place& here, const std::string& path) {
  if (is_stream(options, here, path))
    return stream_chunks::open(path, chunk_size, nullptr,
                               stream_pace::as_it_comes);
  return std::make_unique<file_chunks>(here.disk(), path, chunk_size);
}

int run(const cat_options& options, place& here) {
  complaints failed{"cat"};
  for (const auto& path : options.paths) {
    auto chunks = open(options, here, path);
    if (!chunks)
      failed.add(chunks.error());
    else if (auto code = write_out(**chunks, failed))
      return code;
  }
  return failed.exit_code();
}

} // namespace

void add_cat(CLI::App& app, command& chosen) {
  auto options = std::make_shared<cat_options>();
  auto& cmd = *app.add_subcommand("cat", cat_description)->group(file_commands);
  cmd.footer(cat_footer);
  add_paths(cmd, options->paths, "Files to write");
  add_place_options(cmd, options->where);
  choose_at_place(cmd, chosen, options, run);
}

} // namespace spindle::tool
