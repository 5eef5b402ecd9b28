// Paths on a disk, taken apart and put together as text.
#pragma once

#include <string>
#include <string_view>

namespace spindle::tool {

/// Returns the last component, without slashes at the end; "." or ".." if the
/// path ends so, and nothing for the root.
std::string base_name(std::string_view path);

/// Returns the path of `name` in the directory `parent`.
std::string joined(std::string_view parent, std::string_view name);

/// Returns the path of what a symbolic link at `link` points to.
std::string pointed_to(std::string_view link, std::string_view target);

/// Returns whether any component begins with a period.
bool is_hidden(std::string_view relative);

} // namespace spindle::tool
