// The program `spindle`: parses the command line and runs a command.
#include "cli/command.hpp"
#include "cli/command_line.hpp"

#include "spindle/ops/error.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace {

/// Opens a placeholder for each standard stream that the parent process has
/// closed, so that no other file gets its number. Each use of a placeholder
/// fails.
void occupy_standard_streams() {
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    auto mode = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    // open(2) takes the lowest free number, which is this one.
    if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF
        && ::open("/dev/null", mode) != stream)
      std::_Exit(spindle::tool::exit_failed);
  }
}

constexpr const char* footer = R"(Examples:
  spindle ls -lh /var/log
  spindle put backup.tar /mnt/backup
  spindle write backup.tar /mnt/backup.tar --profile 7

`spindle COMMAND --help` describes a command.)";

/// Adds all commands in the order in which the help lists them.
void add_commands(CLI::App& app, spindle::tool::command& chosen) {
  using namespace spindle::tool;
  for (auto add : {add_ls, add_stat, add_cat, add_cp, add_mv, add_rm, add_mkdir,
                   add_get, add_put, add_write, add_run, add_status,
                   add_profiles, add_config, add_completion})
    add(app, chosen);
}

/// Moves the command to the front, so that its options may come before it.
void put_command_first(const CLI::App& app, std::vector<std::string>& words) {
  auto is_command = [commands = app.get_subcommands({})](const auto& word) {
    return std::any_of(commands.begin(), commands.end(),
                       [&](const auto* x) { return x->get_name() == word; });
  };
  auto command = std::find_if(words.begin(), words.end(), is_command);
  if (command != words.end())
    std::rotate(words.begin(), command, command + 1);
}

int run(int argc, char** argv) {
  CLI::App app{
    "Spindle: disk operations that share the disk fairly, here or on a node.",
    "spindle"};
  app.set_version_flag("--version", "spindle " SPINDLE_VERSION);
  app.require_subcommand(0, 1);
  app.footer(footer);
  spindle::tool::command chosen;
  add_commands(app, chosen);
  try {
    auto words = spindle::tool::words_of(argc, argv);
    put_command_first(app, words);
    // The parser takes the words in reverse order.
    std::reverse(words.begin(), words.end());
    app.parse(std::move(words));
  } catch (const CLI::ParseError& why) {
    return app.exit(why) == 0 ? spindle::tool::exit_success
                              : spindle::tool::exit_bad_input;
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
    std::fprintf(stderr, "spindle: %s\n", spindle::to_words(why).c_str());
    return spindle::tool::exit_failed;
  }
}
