// Paths on a disk, split and joined as text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace spindle::tool {

/// Sets whether paths on the disk begin with "VOLUME:", as they do on a node.
/// Must be called before the other functions.
void use_volumes(bool on);

/// Returns whether paths on the disk begin with "VOLUME:".
bool volumes_in_use();

/// Returns the offset of the last component, which is the size of the path if
/// that ends with a slash.
/// @param volumes whether the path may begin with "VOLUME:".
size_t begin_of_name(std::string_view path, bool volumes);

/// Returns the last component without slashes at its end, which may be "." or
/// "..", or an empty text for the root.
std::string base_name(std::string_view path);

/// Likewise for a path of this machine, which has no volume.
std::string local_name(std::string_view path);

/// Returns the path of `name` in the directory `parent`.
std::string joined(std::string_view parent, std::string_view name);

/// Returns the path that a symbolic link at `link` points to.
std::string pointed_to(std::string_view link, std::string_view target);

/// Returns whether any component begins with a period.
bool is_hidden(std::string_view relative);

} // namespace spindle::tool
