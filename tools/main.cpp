// The program `spindle`: wires the commands, each of which has its own file.
#include "command.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace {

constexpr int internal_error = 1;

/// Makes sure that no file gets the number of a standard stream that whoever
/// started the program has closed. Each use of such a stream fails.
void occupy_standard_streams() {
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    auto mode = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    // open(2) takes the lowest free number, which is this one.
    if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF
        && ::open("/dev/null", mode) != stream)
      std::_Exit(internal_error);
  }
}

int run(int argc, char** argv) {
  CLI::App app{"Spindle: disk operations, one at a time, in order.", "spindle"};
  app.set_version_flag("--version", "spindle " SPINDLE_VERSION);
  app.require_subcommand(0, 1);
  spindle::tool::command chosen;
  spindle::tool::add_run(app, chosen);
  spindle::tool::add_config(app, chosen);
  spindle::tool::add_profiles(app, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& why) {
    return app.exit(why) == 0 ? 0 : spindle::tool::exit_bad_input;
  }
  if (!chosen) {
    std::fputs(app.help().c_str(), stderr);
    return spindle::tool::exit_bad_input;
  }
  return chosen();
}

} // namespace

int main(int argc, char** argv) {
  occupy_standard_streams();
  try {
    return run(argc, argv);
  } catch (const std::exception& why) {
    std::fprintf(stderr, "spindle: %s\n", why.what());
    return internal_error;
  }
}
