// Files and their failures as text for users.
#pragma once

#include "spindle/ops/operations.hpp"

#include <string>

namespace spindle::tool {

/// Returns type and permissions as ls(1) shows them, for instance "drwxr-xr-x".
std::string mode_text(file_type type, uint32_t permissions);

/// Returns permissions as chmod(1) takes them, for instance "0644".
std::string octal_text(uint32_t permissions);

/// Returns why a path is refused that is not a regular file, for instance "it
/// is no file, but a character device".
std::string no_file_text(file_type type);

/// Returns a time in the time zone of the user, in whole seconds.
std::string local_time_text(file_time when);

/// Returns why an operation failed, without its name and path, for instance "No
/// such file or directory".
std::string reason_text(const failure& why);

} // namespace spindle::tool
