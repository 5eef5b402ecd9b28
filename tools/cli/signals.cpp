#include "cli/signals.hpp"

#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace spindle::tool {

namespace {

sigset_t watched_signals() {
  sigset_t res;
  ::sigemptyset(&res);
  for (auto signal : {SIGINT, SIGTERM}) {
    struct sigaction current {};
    if (::sigaction(signal, nullptr, &current) == 0
        && current.sa_handler != SIG_IGN)
      ::sigaddset(&res, signal);
  }
  return res;
}

} // namespace

signal_watch::signal_watch() {
  auto signals = watched_signals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signals_ = ::signalfd(-1, &signals, SFD_CLOEXEC);
  if (signals_ < 0)
    throw std::system_error{errno, std::generic_category(), "signalfd"};
}

signal_watch::~signal_watch() {
  end();
  ::close(signals_);
}

void signal_watch::start(std::function<void(int, int)> fun) {
  thread_ = std::thread{[this, fun = std::move(fun)] { watch(fun); }};
}

void signal_watch::end() {
  ended_.request();
  if (thread_.joinable())
    thread_.join();
}

void signal_watch::watch(const std::function<void(int, int)>& fun) {
  for (int count = 1; count <= 2;) {
    pollfd waits[] = {{signals_, POLLIN, 0}, {ended_.descriptor(), POLLIN, 0}};
    if (::poll(waits, 2, -1) < 0 && errno != EINTR)
      return;
    if (ended_.requested())
      return;
    signalfd_siginfo info;
    if (::read(signals_, &info, sizeof(info)) != sizeof(info))
      continue;
    if (count == 2) {
      auto signals = watched_signals();
      ::pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);
    }
    fun(static_cast<int>(info.ssi_signo), count++);
  }
}

} // namespace spindle::tool
