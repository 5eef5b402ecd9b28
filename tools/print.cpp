#include "print.hpp"

#include "command.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace spindle::tool {

int print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()
      && std::fflush(stdout) == 0)
    return 0;
  std::fprintf(stderr, "spindle: cannot write the output: %s\n",
               std::strerror(errno));
  return exit_output_failed;
}

} // namespace spindle::tool
