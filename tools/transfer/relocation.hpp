// What `spindle cp` and `spindle mv` have in common.
#pragma once

#include "cli/complaints.hpp"
#include "cli/disk_access.hpp"
#include "cli/place.hpp"
#include "transfer/pace_option.hpp"

#include <functional>
#include <string>
#include <vector>

namespace spindle::tool {

/// The command line of both.
struct relocation_options {
  place_options where;
  /// Sources, then the target.
  std::vector<std::string> paths;
  bool no_clobber = false;
  /// Only for copies.
  bool recursive = false;
  pace_options pace;
  /// Only for copies: keeps owners, attributes and hard links, too.
  bool archive = false;
  /// Only for moves: goes on without what another device cannot keep.
  bool lossy = false;
};

/// Adds the options of both commands.
void add_relocation_options(CLI::App& cmd, relocation_options& options);

/// Calls `one` with each source and where it goes: into the target if that is a
/// directory, else to its path.
void for_each_relocation(
  const relocation_options& options, disk_access& disk, complaints& failed,
  const std::function<void(const std::string& source,
                           const std::string& target)>& one);

/// Returns whether both are one and the same.
bool are_same(const file_info& x, const file_info& y);

/// Makes a failure that the disk had no part in.
failure refusal(errc code, const std::string& path, std::string detail = {});

} // namespace spindle::tool
