// The words of the command line, before they are parsed.
#pragma once

#include <string>
#include <vector>

namespace spindle::tool {

/// Returns the words after the name of the program, such that names of files
/// stay what they are. The parser takes "[a,b]" for a list and "{}" for an
/// empty one, and knows "--" only before the first name: such names get "./" in
/// front, and so do those that follow "--" and begin with "-".
std::vector<std::string> words_of(int argc, const char* const* argv);

} // namespace spindle::tool
