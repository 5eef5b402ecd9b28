// Paths on a disk, taken apart and put together as text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spindle::tool {

/// Has paths on the disk of a node taken for what they are, "VOLUME:PATH", or
/// not. To be called before others of these.
void use_volumes(bool on);

/// Returns what `use_volumes` was told.
bool volumes_in_use();

/// Returns where the last component begins; at the end, if a slash is there.
/// @param volumes whether the path may begin with "VOLUME:".
size_t begin_of_name(std::string_view path, bool volumes);

/// Returns the last component, without slashes at the end; "." or ".." if the
/// path ends so, and nothing for the root.
std::string base_name(std::string_view path);

/// Likewise of a path of this machine.
std::string local_name(std::string_view path);

/// Returns the path of `name` in the directory `parent`.
std::string joined(std::string_view parent, std::string_view name);

/// Returns the path of what a symbolic link at `link` points to.
std::string pointed_to(std::string_view link, std::string_view target);

/// Returns whether any component begins with a period.
bool is_hidden(std::string_view relative);

} // namespace spindle::tool
