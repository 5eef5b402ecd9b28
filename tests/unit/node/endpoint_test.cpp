#include "spindle/node/endpoint.hpp"

#include "catch.hpp"
#include "patience.hpp"

#include <cerrno>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace spindle;

namespace {

/// A socket with a port at loopback. Nobody else gets the port, also before it
/// listens.
class listener {
public:
  listener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* any = reinterpret_cast<sockaddr*>(&at);
    REQUIRE(::bind(fd_, any, sizeof at) == 0);
    socklen_t size = sizeof at;
    REQUIRE(::getsockname(fd_, any, &size) == 0);
    port_ = ntohs(at.sin_port);
  }

  listener(const listener&) = delete;

  ~listener() {
    ::close(fd_);
  }

  void listen() const {
    REQUIRE(::listen(fd_, 1) == 0);
  }

  uint16_t port() const {
    return port_;
  }

private:
  int fd_;
  uint16_t port_ = 0;
};

} // namespace

TEST_CASE("only addresses of this machine are loopback") {
  CHECK(is_loopback("127.0.0.1"));
  CHECK(is_loopback("127.1.2.3"));
  CHECK(is_loopback("::1"));
  for (auto other : {"0.0.0.0", "192.168.1.1", "::", "example.org", ""})
    CHECK(!is_loopback(other));
}

TEST_CASE("a name is resolved to an address to listen at") {
  CHECK(resolve_to_listen("127.0.0.1").value() == "127.0.0.1");
  CHECK(resolve_to_listen("::1").value() == "::1");
  CHECK(resolve_to_listen("[::1]").value() == "::1");
  CHECK(resolve_to_listen("0.0.0.0").value() == "0.0.0.0");
  CHECK(resolve_to_listen("localhost").value() == "127.0.0.1");
  auto unknown = resolve_to_listen("nowhere.invalid");
  REQUIRE(!unknown);
  CHECK(unknown.error().code == errc::not_found);
  CHECK(unknown.error().path == "nowhere.invalid");
}

TEST_CASE("a failure to listen says why") {
  listener other;
  other.listen();
  auto taken = obstacle_to_listening("127.0.0.1", other.port());
  REQUIRE(taken);
  CHECK(taken->code == errc::busy);
  CHECK(taken->sys_errno == EADDRINUSE);
  CHECK(!taken->detail.empty());
  // Reserved for documentation by RFC 5737.
  auto foreign = obstacle_to_listening("192.0.2.1", 0);
  REQUIRE(foreign);
  CHECK(foreign->sys_errno == EADDRNOTAVAIL);
  CHECK(!obstacle_to_listening("127.0.0.1", 0));
  CHECK(!obstacle_to_listening("0.0.0.0", 0));
}

TEST_CASE("a failure to connect says why") {
  listener other;
  auto refused
    = obstacle_to_connecting("127.0.0.1", other.port(), kit::patience);
  REQUIRE(refused);
  CHECK(refused->code == errc::node_lost);
  CHECK(refused->sys_errno == ECONNREFUSED);
  CHECK(!refused->detail.empty());
  other.listen();
  CHECK(!obstacle_to_connecting("127.0.0.1", other.port(), kit::patience));
  auto unknown = obstacle_to_connecting("nowhere.invalid", 1, kit::patience);
  REQUIRE(unknown);
  CHECK(unknown->code == errc::not_found);
}
