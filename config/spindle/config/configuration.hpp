// A loaded configuration, as plain values.
#pragma once

#include "spindle/config/node_settings.hpp"
#include "spindle/message/settings.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

namespace spindle::config {

/// The origin of a value.
struct origin {
  /// The file that contains it; empty if the value is built in.
  std::string file{};
  /// The line in the file, counted from 1.
  uint32_t line = 0;
  /// The built-in profile that it is inherited from; empty if there is none.
  std::string profile{};

  bool operator==(const origin&) const = default;
};

/// Returns "FILE:LINE", "built-in", or "built-in profile NAME".
std::string to_string(const origin& x);

/// All settings. By default, the built-in values.
struct configuration {
  /// The file that it was loaded from; empty if there was none.
  std::string file{};
  /// The limits of a queue and of its turns, and the profiles of its writers:
  /// first the built-in ones, with the changes of the file, then those that the
  /// file adds, in its order.
  settings queue{};
  /// The settings of a node. Without a file, it offers no volumes.
  node_configuration node{};
  /// Origins by full key, for instance "queue.detach_all" or
  /// "profiles.7.chunk_size". Keys without an entry have their built-in value.
  std::map<std::string, origin, std::less<>> origins{};

  /// Returns the origin of a value.
  /// @param key full key of the value.
  origin origin_of(std::string_view key) const;
};

} // namespace spindle::config
