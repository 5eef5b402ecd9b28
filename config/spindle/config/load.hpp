// Loads a configuration, or returns all its mistakes.
//
// Loading does not apply any setting. To reload at run time, load the file
// again, and apply the result if there are no mistakes.
#pragma once

#include "spindle/config/configuration.hpp"
#include "spindle/config/mistake.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace spindle::config {

/// Parses a configuration in TOML; docs/configuration.md documents it. Keys
/// that the text does not contain have their built-in values.
/// @param file name of the text in mistakes and origins.
tl::expected<configuration, mistakes> parse(std::string_view text,
                                            const std::string& file);

/// The types of files that a configuration may be read from.
enum class source : uint8_t {
  /// Any type. Blocks until the writer of a pipe or FIFO has finished.
  any,
  /// Only regular files; any other type is a mistake. For programs that must
  /// not block.
  regular_file,
};

/// Reads a file. A file that cannot be read, or is larger than 1 MiB, is a
/// mistake.
tl::expected<configuration, mistakes> load_file(const std::string& path,
                                                source from = source::any);

} // namespace spindle::config
