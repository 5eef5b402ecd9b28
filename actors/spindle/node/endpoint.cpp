#include "spindle/node/endpoint.hpp"

#include <cerrno>
#include <memory>

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace spindle {

namespace {

/// The addresses of a name.
using addresses = std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)>;

/// Closes its socket.
class socket_guard {
public:
  explicit socket_guard(const addrinfo& of)
      : fd_(::socket(of.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                     0)) {}

  socket_guard(const socket_guard&) = delete;

  ~socket_guard() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  int get() const {
    return fd_;
  }

private:
  int fd_;
};

failure unknown_host(const std::string& name, int code) {
  return {.code = errc::not_found,
          .path = name,
          .sys_errno = code == EAI_SYSTEM ? errno : 0,
          .detail = std::string{"no address is known for this name ("}
                  + ::gai_strerror(code)
                  + "): check its spelling, and the DNS"};
}

/// Resolves a name.
/// @param flags for getaddrinfo(3).
attempt<addresses> resolve(const std::string& name, uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  auto code
    = ::getaddrinfo(name.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (code != 0)
    return tl::unexpected{unknown_host(name, code)};
  return addresses{found, ::freeaddrinfo};
}

std::string numeric(const addrinfo& x) {
  char text[NI_MAXHOST];
  auto code = ::getnameinfo(x.ai_addr, x.ai_addrlen, text, sizeof text, nullptr,
                            0, NI_NUMERICHOST);
  return code == 0 ? text : "";
}

// -- listening ----------------------------------------------------------------

/// Returns the errno of what failed, or 0.
int try_to_listen(const addrinfo& at) {
  socket_guard fd{at};
  if (fd.get() < 0)
    return errno;
  int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), at.ai_addr, at.ai_addrlen) != 0
      || ::listen(fd.get(), 1) != 0)
    return errno;
  return 0;
}

const char* advice_to_listen(int error) {
  switch (error) {
    case EADDRINUSE:
      return "another program listens there: end it, or choose another port";
    case EADDRNOTAVAIL:
      return "no interface of this machine has this address: choose one that "
             "has, or 0.0.0.0 for all";
    case EACCES:
      return "ports below 1024 need the capability CAP_NET_BIND_SERVICE: "
             "choose another port";
    default:
      return "";
  }
}

// -- connecting ---------------------------------------------------------------

/// Waits until a connection is made or refused.
int finish_connecting(int fd, std::chrono::milliseconds timeout) {
  pollfd waiting{fd, POLLOUT, 0};
  auto ready = ::poll(&waiting, 1, static_cast<int>(timeout.count()));
  if (ready < 0)
    return errno;
  if (ready == 0)
    return ETIMEDOUT;
  int res = 0;
  socklen_t size = sizeof res;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &res, &size) == 0 ? res : errno;
}

/// Returns the errno of what failed, or 0.
int try_to_connect(const addrinfo& to, std::chrono::milliseconds timeout) {
  socket_guard fd{to};
  if (fd.get() < 0)
    return errno;
  if (::connect(fd.get(), to.ai_addr, to.ai_addrlen) == 0)
    return 0;
  return errno == EINPROGRESS ? finish_connecting(fd.get(), timeout) : errno;
}

const char* advice_to_connect(int error) {
  switch (error) {
    case ECONNREFUSED:
      return "nothing listens there: start spindled, or check host and port";
    case ETIMEDOUT:
    case EHOSTUNREACH:
    case ENETUNREACH:
      return "the host cannot be reached: check host, network and firewall";
    default:
      return "";
  }
}

} // namespace

attempt<std::string> resolve_to_listen(const std::string& name) {
  // IPv6 addresses have brackets where a port follows.
  auto bare = name.starts_with('[') && name.ends_with(']')
              ? name.substr(1, name.size() - 2)
              : name;
  auto found = resolve(bare, 0, AI_PASSIVE);
  if (!found)
    return tl::unexpected{std::move(found.error())};
  for (auto* x = found->get(); x; x = x->ai_next)
    if (x->ai_family == AF_INET)
      return numeric(*x);
  return numeric(**found);
}

bool is_loopback(const std::string& address) {
  in_addr v4;
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1)
    return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  if (::inet_pton(AF_INET6, address.c_str(), &v6) == 1)
    return IN6_IS_ADDR_LOOPBACK(&v6);
  return false;
}

std::optional<failure> obstacle_to_listening(const std::string& address,
                                             uint16_t port) {
  auto found = resolve(address, port, AI_PASSIVE | AI_NUMERICHOST);
  if (!found)
    return std::move(found.error());
  auto error = try_to_listen(**found);
  if (error == 0)
    return std::nullopt;
  return failure{.code = error == EADDRINUSE ? errc::busy : errc_of(error),
                 .path = address,
                 .sys_errno = error,
                 .detail = advice_to_listen(error)};
}

std::optional<failure>
obstacle_to_connecting(const std::string& host, uint16_t port,
                       std::chrono::milliseconds timeout) {
  auto found = resolve(host, port, 0);
  if (!found)
    return std::move(found.error());
  int error = 0;
  for (auto* x = found->get(); x; x = x->ai_next)
    if (error = try_to_connect(*x, timeout); error == 0)
      return std::nullopt;
  return failure{.code = errc::node_lost,
                 .path = host,
                 .sys_errno = error,
                 .detail = advice_to_connect(error)};
}

} // namespace spindle
