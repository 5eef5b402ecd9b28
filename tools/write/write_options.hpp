// The options of `spindle write`.
#pragma once

#include "cli/connect_option.hpp"

#include "spindle/message/writing.hpp"

#include <optional>
#include <string>

namespace spindle::tool {

/// The parsed command line of `spindle write`.
struct write_options {
  /// Paths, or "-" for stdin and stdout.
  std::string source;
  std::string target;
  std::string config_file;
  connect_options connect;
  std::string profile{default_profile};
  write_mode mode = write_mode::truncate;
  spindle::durability durability = durability::none;
  /// Bytes per second, instead of the profile's.
  std::optional<uint64_t> rate;
  /// Bytes, instead of the profile's.
  std::optional<uint64_t> chunk_size;
  bool quiet = false;
  bool as_json = false;
};

} // namespace spindle::tool
