// Keeps the signals of the application away from the threads of the library.
#pragma once

#include <csignal>

#include <pthread.h>

namespace spindle::fs::posix {

/// Blocks all signals in this thread, and in those that it starts meanwhile, so
/// that the threads of the application handle them.
class without_signals {
public:
  without_signals() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }

  without_signals(const without_signals&) = delete;

  without_signals& operator=(const without_signals&) = delete;

  ~without_signals() {
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }

private:
  sigset_t before_;
};

} // namespace spindle::fs::posix
