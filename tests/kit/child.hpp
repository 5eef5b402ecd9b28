// Runs code in a child process, for tests that change process-wide state.
#pragma once

#include <cerrno>
#include <cstdlib>
#include <functional>
#include <system_error>

#include <sys/wait.h>
#include <unistd.h>

namespace kit {

/// Runs `body` in a child process, and waits for it.
/// @returns what `body` returned, 0 to 255, or -1 if the child was killed.
inline int in_child(const std::function<int()>& body) {
  auto child = ::fork();
  if (child == -1)
    throw std::system_error{errno, std::generic_category(), "fork"};
  if (child == 0)
    ::_exit(body());
  int status = 0;
  while (::waitpid(child, &status, 0) == -1)
    if (errno != EINTR)
      return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/// Returns the process ID of a process that has ended.
inline pid_t dead_process() {
  auto child = ::fork();
  if (child == 0)
    ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return child;
}

} // namespace kit
