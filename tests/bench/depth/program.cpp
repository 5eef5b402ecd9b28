#include "depth/program.hpp"

#include "depth/require.hpp"

#include "spindle/fs/posix/posix_call.hpp"

#include <array>
#include <cerrno>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench::depth {

namespace {

using spindle::fs::posix::descriptor;
using spindle::fs::posix::uninterrupted;

/// Starts a program whose stdout is a descriptor.
pid_t start(const std::vector<std::string>& command, int out) {
  std::vector<char*> args;
  for (const auto& arg : command)
    args.push_back(const_cast<char*>(arg.c_str()));
  args.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t res = -1;
  errno
    = ::posix_spawnp(&res, args[0], &actions, nullptr, args.data(), environ);
  auto spawn_errno = errno;
  ::posix_spawn_file_actions_destroy(&actions);
  errno = spawn_errno;
  require(errno == 0, command[0]);
  return res;
}

std::string read_all(int from) {
  std::string res;
  std::array<char, 4096> bytes;
  for (;;) {
    auto n
      = uninterrupted([&] { return ::read(from, bytes.data(), bytes.size()); });
    if (n <= 0)
      return res;
    res.append(bytes.data(), static_cast<size_t>(n));
  }
}

} // namespace

std::string run_program(const std::vector<std::string>& command) {
  int ends[2];
  require(::pipe2(ends, O_CLOEXEC) == 0, "pipe");
  descriptor from{ends[0]};
  descriptor to{ends[1]};
  auto child = start(command, to.get());
  // Otherwise the pipe would not end.
  to.close();
  auto res = read_all(from.get());
  int status = 0;
  uninterrupted([&] { return ::waitpid(child, &status, 0); });
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw std::runtime_error{command[0] + " has failed"};
  return res;
}

} // namespace bench::depth
