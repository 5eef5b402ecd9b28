// The words of the command line, before they are parsed.
#pragma once

#include <string>
#include <vector>

namespace spindle::tool {

/// Returns the arguments after the name of the program, and protects file names
/// from the parser. The parser takes "[a,b]" for a list and "{}" for an empty
/// one, and accepts "--" only before the first name. So such names get the
/// prefix "./", and so do names after "--" that begin with "-".
std::vector<std::string> words_of(int argc, const char* const* argv);

} // namespace spindle::tool
