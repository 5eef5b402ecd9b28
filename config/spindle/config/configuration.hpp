// What a configuration says, as plain values that an application can use.
#pragma once

#include "spindle/config/node_settings.hpp"
#include "spindle/message/settings.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace spindle::config {

/// Where a value in force comes from.
struct origin {
  /// The file that states it; empty if it is built in.
  std::string file{};
  /// The line in the file, counted from 1.
  uint32_t line = 0;
  /// The built-in profile that it was inherited from, if it was.
  std::string profile{};

  bool operator==(const origin&) const = default;
};

/// Returns "FILE:LINE", "built-in", or "built-in profile NAME".
std::string to_string(const origin& x);

/// Everything that can be configured. By default, everything that is built in.
struct configuration {
  /// The file that it was loaded from; empty if there was none.
  std::string file{};
  /// The limits of a queue and of its turns, and the profiles of its writers:
  /// the built-in ones, as the file may have changed them, then those that it
  /// adds, in its order.
  settings queue{};
  /// What a node offers; nothing unless the file says so.
  node_configuration node{};
  /// Where values come from, by their full keys, for instance
  /// "queue.detach_all" or "profiles.7.chunk_size". What is not in here is
  /// built in.
  std::map<std::string, origin, std::less<>> origins{};

  /// Returns where a value comes from.
  /// @param key its full key.
  origin origin_of(std::string_view key) const;
};

} // namespace spindle::config
