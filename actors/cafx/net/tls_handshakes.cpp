#include "cafx/net/tls_handshakes.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace cafx::net {

namespace {

bool watch(int poll_fd, int operation, int fd, uint32_t events) {
  epoll_event what{};
  what.events = events;
  what.data.fd = fd;
  return ::epoll_ctl(poll_fd, operation, fd, &what) == 0;
}

[[noreturn]] void fail(const char* call) {
  throw std::system_error{errno, std::generic_category(), call};
}

/// Starts a thread that blocks all signals, which other threads handle.
template <class Fun>
std::thread start_quietly(Fun fun) {
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::thread res{std::move(fun)};
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return res;
}

} // namespace

tls_handshakes::tls_handshakes(std::shared_ptr<const tls_context> context,
                               arrival_limits limits, admit_fun admit)
    : context_(std::move(context)),
      admit_(std::move(admit)),
      poll_fd_(::epoll_create1(EPOLL_CLOEXEC)),
      event_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      arrivals_(limits) {
  if (poll_fd_ < 0 || event_fd_ < 0
      || !watch(poll_fd_, EPOLL_CTL_ADD, event_fd_, EPOLLIN)) {
    auto why = errno;
    ::close(poll_fd_);
    ::close(event_fd_);
    errno = why;
    fail("epoll_create1");
  }
  thread_ = start_quietly([this] { run(); });
}

tls_handshakes::~tls_handshakes() {
  ended_ = true;
  ::eventfd_write(event_fd_, 1);
  thread_.join();
  for (auto& [fd, one] : transports_)
    ::close(fd);
  for (auto fd : fresh_)
    ::close(fd);
  ::close(poll_fd_);
  ::close(event_fd_);
}

void tls_handshakes::add(int fd) {
  {
    std::lock_guard guard{mutex_};
    fresh_.push_back(fd);
  }
  ::eventfd_write(event_fd_, 1);
}

void tls_handshakes::run() {
  while (!ended_) {
    wait();
    for (auto fd : arrivals_.take_late(clock::now()))
      close(fd);
  }
}

void tls_handshakes::wait() {
  using namespace std::chrono;
  int timeout_ms = -1;
  if (auto next = arrivals_.next_deadline()) {
    auto left = ceil<milliseconds>(*next - clock::now()).count();
    timeout_ms = static_cast<int>(std::max<int64_t>(left, 0));
  }
  std::array<epoll_event, 64> events;
  auto n = ::epoll_wait(poll_fd_, events.data(),
                        static_cast<int>(events.size()), timeout_ms);
  for (int i = 0; i < n && !ended_; ++i)
    if (auto fd = events[static_cast<size_t>(i)].data.fd; fd == event_fd_)
      begin_new();
    else
      advance(fd);
}

void tls_handshakes::begin_new() {
  eventfd_t ignored;
  ::eventfd_read(event_fd_, &ignored);
  std::vector<int> fresh;
  {
    std::lock_guard guard{mutex_};
    fresh.swap(fresh_);
  }
  for (auto fd : fresh)
    begin(fd);
}

void tls_handshakes::begin(int fd) {
  transports_.try_emplace(fd, fd, *context_);
  if (auto leaving = arrivals_.add(fd, clock::now()))
    close(*leaving);
  if (watch(poll_fd_, EPOLL_CTL_ADD, fd, EPOLLIN))
    advance(fd);
  else
    close(fd);
}

void tls_handshakes::advance(int fd) {
  auto i = transports_.find(fd);
  if (i == transports_.end())
    return;
  switch (i->second.shake_hands()) {
    case io_state::wants_read:
      watch(poll_fd_, EPOLL_CTL_MOD, fd, EPOLLIN);
      break;
    case io_state::wants_write:
      watch(poll_fd_, EPOLL_CTL_MOD, fd, EPOLLOUT);
      break;
    case io_state::over:
      close(fd);
      break;
    case io_state::done: {
      auto peer = std::move(i->second);
      transports_.erase(i);
      arrivals_.remove(fd);
      watch(poll_fd_, EPOLL_CTL_DEL, fd, 0);
      admit_(std::move(peer));
    }
  }
}

void tls_handshakes::close(int fd) {
  transports_.erase(fd);
  arrivals_.remove(fd);
  ::close(fd);
}

} // namespace cafx::net
