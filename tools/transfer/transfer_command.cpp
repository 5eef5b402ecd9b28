#include "transfer/transfer_command.hpp"

#include "cli/amount_option.hpp"
#include "cli/disk_path.hpp"
#include "cli/exit_code.hpp"
#include "cli/leftovers.hpp"
#include "transfer/path_pattern.hpp"
#include "transfer/transfer_session.hpp"
#include "transfer/tree_transfer.hpp"

#include <algorithm>
#include <utility>

namespace spindle::tool {

namespace {

constexpr uint64_t default_chunk_size = uint64_t{1} << 20;
constexpr uint64_t max_chunk_size = uint64_t{32} << 20;

failure refusal(errc code, const std::string& path, std::string detail) {
  return {.code = code, .path = path, .detail = std::move(detail)};
}

/// All transfers of one command line.
class transfer_batch {
public:
  transfer_batch(transfer_session& session, const transfer_options& options,
                 transfer_sides sides, transfer_pace* pace)
      : session_(session),
        options_(options),
        sides_(std::move(sides)),
        pace_(pace) {
    session_.again().reconnect_by([this] {
      return sides_.from.reconnect().and_then(
        [this] { return sides_.to.reconnect(); });
    });
  }

  int run() {
    auto sources = all_sources();
    target_ = options_.target();
    if (!sides_.to.has_volumes())
      leftovers{}.sweep_for(target_.empty() ? "." : target_);
    if (sources.size() > 1 || options_.recursive)
      session_.expect_many();
    if (look_at_target(sources.size() > 1))
      for (const auto& source : sources)
        if (!session_.ended())
          bring(source);
    return session_.finish();
  }

private:
  // -- sources and target -----------------------------------------------------

  std::vector<std::string> all_sources() {
    std::vector<std::string> res;
    for (const auto& source : options_.sources()) {
      if (!is_pattern(source)) {
        res.push_back(source);
        continue;
      }
      auto found = session_.again().run(
        [&] { return matching_paths(sides_.from, source); });
      if (found)
        res.insert(res.end(), found->begin(), found->end());
      else
        session_.fail(found.error());
    }
    return res;
  }

  /// A file whose name contains wildcards takes precedence over the pattern.
  bool is_pattern(const std::string& source) {
    if (!has_wildcard(source))
      return false;
    auto there = sides_.from.run(file_stat{.path = source, .follow = false});
    return !there && there.error().code == errc::not_found;
  }

  bool look_at_target(bool several) {
    if (target_.empty())
      return true;
    auto found = session_.again().run(
      [&] { return sides_.to.run(directory_exists{.path = target_}); });
    if (!found) {
      session_.fail(found.error());
      return false;
    }
    is_directory_ = *found;
    if (is_directory_ || !several)
      return true;
    session_.fail(refusal(errc::not_a_directory, target_,
                          "it must be a directory, since there are several "
                          "sources"));
    return false;
  }

  // -- transfers --------------------------------------------------------------

  void bring(const std::string& source) {
    // "dir/." means the entries of the directory.
    auto name = name_in(source);
    auto has_name = !name.empty() && name != "." && name != "..";
    auto target = target_;
    if (source == "-")
      ; // Stdin has no name for the target.
    else if (target_.empty())
      target = has_name ? name : ".";
    else if (is_directory_ && has_name)
      target = path_in(sides_.to, target_, name);
    if (!options_.recursive) {
      bring_file(source, target);
      return;
    }
    auto is_directory = session_.again().run(
      [&] { return sides_.from.run(directory_exists{.path = source}); });
    if (!is_directory)
      session_.fail(is_directory.error());
    else if (*is_directory)
      bring_tree(source, target);
    else
      bring_file(source, target);
  }

  std::string name_in(std::string path) const {
    while (path.ends_with('/'))
      path.pop_back();
    return path.substr(begin_of_name(path, sides_.from.has_volumes()));
  }

  void bring_tree(const std::string& source, const std::string& target) {
    if (!sides_.to.has_volumes())
      leftovers{}.sweep_tree(target);
    tree_job job{.from = sides_.from,
                 .source = source,
                 .to = sides_.to,
                 .target = target,
                 .preserve = !options_.no_preserve};
    tree_events events{
      .on_file = [this](const std::string& from,
                        const std::string& to) { bring_file(from, to); },
      .on_failure = [this](const failure& why) { session_.fail(why); },
      .again = session_.again()};
    transfer_tree(job, events);
  }

  void bring_file(const std::string& source, const std::string& target) {
    if (session_.ended())
      return;
    session_.bring({.from = sides_.from,
                    .source = source,
                    .to = sides_.to,
                    .target = target,
                    .from_stream = sides_.is_stream(source),
                    .chunk_size = chunk_size_of(options_, pace_),
                    .resume = !options_.no_resume,
                    .preserve = !options_.no_preserve,
                    .allow_growth = options_.allow_growth,
                    .skip_same = options_.recursive && !options_.no_resume
                              && !options_.no_preserve,
                    .pace = pace_});
  }

  transfer_session& session_;
  const transfer_options& options_;
  transfer_sides sides_;
  transfer_pace* pace_;
  std::string target_;
  bool is_directory_ = false;
};

} // namespace

void add_transfer_options(CLI::App& cmd, transfer_options& options,
                          const char* paths_text) {
  cmd.add_option("PATH", options.paths, paths_text)->type_name("")->required();
  cmd.add_flag("-r,-R,--recursive", options.recursive,
               "Transfer directories with all that they contain");
  auto* drop = cmd.add_flag("--no-preserve", options.no_preserve,
                            "Make new files, with the current time and the "
                            "permissions that the umask leaves");
  cmd
    .add_flag(
      "-p,--preserve", [](int64_t) {},
      "Keep permissions and times (the default)")
    ->excludes(drop);
  add_pace_options(cmd, options.pace);
  add_amount_option(cmd, "--chunk-size", options.chunk_size, size_or_bytes,
                    "1MiB", "Bytes in a chunk; several are in flight");
  cmd.add_flag("--no-resume", options.no_resume,
               "Start anew, even if there is a part");
  cmd.add_flag("--allow-growth", options.allow_growth,
               "Transfer a source that grows up to the size that it has at the "
               "start");
  cmd
    .add_option(
      "--retry", options.retry,
      "Maximum number of retries in a row after the loss of the node, "
      "after 1s, 2s, 4s and so on up to a minute; 0 by default")
    ->type_name("TIMES");
  cmd.add_flag("--quiet", options.quiet, "Write nothing but errors to stderr");
  cmd.add_flag("--json", options.as_json,
               "Write the results to stdout, as a JSON object per file");
  add_place_options(cmd, options.where);
}

uint64_t chunk_size_of(const transfer_options& options,
                       const transfer_pace* pace) {
  auto most = pace ? pace->chunk_size() : default_chunk_size;
  auto wanted = options.chunk_size.value_or(most);
  // Small chunks keep the rate steady.
  if (options.pace.rate)
    wanted = std::min(wanted, most);
  return std::min(wanted, max_chunk_size);
}

int run_transfer(const std::string& command, const transfer_options& options,
                 const side_chooser& choose) {
  // Before any other thread starts, since it blocks the signals.
  transfer_session session{command, options};
  return work_at(options.where, [&](place& here) {
    auto pace = pace_of(options.pace, here.profiles());
    if (!pace) {
      session.fail(pace.error());
      return exit_bad_input;
    }
    return transfer_batch{session, options, choose(here), pace->get()}.run();
  });
}

} // namespace spindle::tool
