// Common parts of `spindle cp` and `spindle mv`.
#pragma once

#include "cli/complaints.hpp"
#include "cli/disk_access.hpp"
#include "cli/place.hpp"
#include "transfer/pace_option.hpp"

#include <functional>
#include <string>
#include <vector>

namespace spindle::tool {

/// The parsed command line of both commands.
struct relocation_options {
  place_options where;
  /// Sources, then the target.
  std::vector<std::string> paths;
  bool no_clobber = false;
  /// Only for copies: copies directories, too.
  bool recursive = false;
  pace_options pace;
  /// Only for copies: keeps owners, attributes and hard links, too.
  bool archive = false;
  /// Only for moves: ignores properties that another device cannot keep.
  bool lossy = false;
};

/// Adds the options of both commands.
void add_relocation_options(CLI::App& cmd, relocation_options& options);

/// Calls `one` with each source and its target: a path inside of the target if
/// that is a directory, else the target itself.
void for_each_relocation(
  const relocation_options& options, disk_access& disk, complaints& failed,
  const std::function<void(const std::string& source,
                           const std::string& target)>& one);

/// Returns whether both are the same file.
bool are_same(const file_info& x, const file_info& y);

/// Returns a failure of the command, not of the disk.
failure refusal(errc code, const std::string& path, std::string detail = {});

} // namespace spindle::tool
