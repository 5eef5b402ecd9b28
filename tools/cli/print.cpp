#include "cli/print.hpp"

#include "cli/exit_code.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace spindle::tool {

int print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()
      && std::fflush(stdout) == 0)
    return exit_success;
  // A reader that closes the pipe early, as head(1) does, expects no message.
  if (errno != EPIPE)
    std::fprintf(stderr, "spindle: cannot write the output: %s\n",
                 std::strerror(errno));
  return exit_output_failed;
}

} // namespace spindle::tool
