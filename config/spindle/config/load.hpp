// Loads a configuration, or says everything that is wrong with it.
//
// Nothing is in force just because it was loaded. To reload at run time, load
// again: what is in force stays so unless the whole file is good.
#pragma once

#include "spindle/config/configuration.hpp"
#include "spindle/config/mistake.hpp"

#include <tl/expected.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace spindle::config {

/// Reads TOML; docs/configuration.md says what may be in it. What the text does
/// not mention is as it is built in.
/// @param file what mistakes and origins call the text.
tl::expected<configuration, mistakes> parse(std::string_view text,
                                            const std::string& file);

/// What a configuration may be read from.
enum class source : uint8_t {
  /// Also from a pipe or FIFO, however long its writer takes.
  any,
  /// From a regular file only; anything else is a mistake. For programs that
  /// must not wait.
  regular_file,
};

/// Reads a file. One that cannot be read, or has more than 1 MiB, is a mistake
/// like others.
tl::expected<configuration, mistakes> load_file(const std::string& path,
                                                source from = source::any);

} // namespace spindle::config
