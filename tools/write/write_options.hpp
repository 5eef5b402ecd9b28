// What `spindle write` is asked for.
#pragma once

#include "cli/connect_option.hpp"

#include "spindle/message/writing.hpp"

#include <optional>
#include <string>

namespace spindle::tool {

/// The command line of `spindle write`.
struct write_options {
  /// Files, or "-" for stdin and stdout.
  std::string source;
  std::string target;
  std::string config_file;
  connect_options connect;
  std::string profile{default_profile};
  write_mode mode = write_mode::truncate;
  spindle::durability durability = durability::none;
  /// Bytes per second, instead of what the profile says.
  std::optional<uint64_t> rate;
  std::optional<uint64_t> chunk_size;
  bool quiet = false;
  bool as_json = false;
};

} // namespace spindle::tool
