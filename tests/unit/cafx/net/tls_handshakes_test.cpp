#include "catch.hpp"
#include "patience.hpp"

#include "certificates.hpp"

#include "cafx/net/tls_handshakes.hpp"

#include <algorithm>
#include <condition_variable>
#include <ctime>
#include <optional>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

using namespace cafx::net;
using namespace std::chrono_literals;

namespace {

using clock_type = std::chrono::steady_clock;

/// `kit::patience` for poll(2).
constexpr int patience_ms = std::chrono::milliseconds{kit::patience}.count();

/// One end of a connection.
class peer {
public:
  peer() = default;

  explicit peer(int fd) : fd_(fd) {}

  peer(peer&& x) noexcept : fd_(std::exchange(x.fd_, -1)) {}

  peer& operator=(peer&& x) noexcept {
    std::swap(fd_, x.fd_);
    return *this;
  }

  ~peer() {
    if (fd_ >= 0)
      ::close(fd_);
  }

  int fd() const {
    return fd_;
  }

  /// Returns whether the other end is closed within `time`.
  bool closed_within(std::chrono::milliseconds time) const {
    auto end = clock_type::now() + time;
    for (;;) {
      auto left
        = std::chrono::ceil<std::chrono::milliseconds>(end - clock_type::now());
      pollfd what{fd_, POLLIN, 0};
      if (left <= 0ms || ::poll(&what, 1, static_cast<int>(left.count())) != 1)
        return false;
      char buffer[4096];
      if (::recv(fd_, buffer, sizeof(buffer), MSG_DONTWAIT) <= 0)
        return true;
    }
  }

private:
  int fd_ = -1;
};

/// A server that collects the connections with a complete handshake.
class handshake_server {
public:
  explicit handshake_server(const tls_identity& who, arrival_limits limits = {})
      : handshakes_(std::in_place, context(who, tls_side::server), limits,
                    [this](transport x) {
                      std::lock_guard guard{mutex_};
                      connections_.push_back(std::move(x));
                      changed_.notify_all();
                    }) {}

  ~handshake_server() {
    handshakes_.reset();
    for (auto& one : connections_)
      ::close(one.fd());
  }

  static std::shared_ptr<const tls_context> context(const tls_identity& who,
                                                    tls_side side) {
    std::string why;
    auto res = tls_context::make(who, side, why);
    INFO(why);
    REQUIRE(res);
    return res;
  }

  /// Connects a peer that sends nothing yet.
  peer connect() {
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) == 0);
    handshakes_->add(ends[0]);
    return peer{ends[1]};
  }

  /// Returns whether `n` handshakes are complete before the deadline.
  bool completes(size_t n) {
    std::unique_lock guard{mutex_};
    return changed_.wait_for(guard, kit::patience,
                             [&] { return connections_.size() >= n; });
  }

  size_t connected() {
    std::lock_guard guard{mutex_};
    return connections_.size();
  }

  transport& first() {
    return connections_.front();
  }

  void end() {
    handshakes_.reset();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<transport> connections_;
  std::optional<tls_handshakes> handshakes_;
};

/// Performs the handshake as client; returns the error, empty on success.
std::string shake_hands(const peer& with, const tls_identity& who,
                        std::optional<transport>& res) {
  res.emplace(with.fd(), *handshake_server::context(who, tls_side::client));
  return res->shake_hands_until(kit::end_of_patience());
}

double cpu_seconds() {
  timespec res;
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &res);
  return static_cast<double>(res.tv_sec)
       + static_cast<double>(res.tv_nsec) / 1e9;
}

} // namespace

TEST_CASE("a client with a valid certificate connects and exchanges data") {
  certificates::authority known;
  handshake_server h{known.identity("node")};
  auto p = h.connect();
  std::optional<transport> mine;
  CHECK(shake_hands(p, known.identity("client"), mine) == "");
  REQUIRE(h.completes(1));
  CHECK(mine->write("hello", 5).bytes == 5);
  char buffer[100] = {};
  pollfd what{h.first().fd(), POLLIN, 0};
  REQUIRE(::poll(&what, 1, patience_ms) == 1);
  auto res = h.first().read(buffer, sizeof(buffer));
  CHECK(res.state == io_state::done);
  CHECK(std::string{buffer, res.bytes} == "hello");
  CHECK(h.first().read(buffer, 1).state == io_state::wants_read);
  mine->end_writing();
  REQUIRE(::poll(&what, 1, patience_ms) == 1);
  CHECK(h.first().read(buffer, 1).state == io_state::over);
}

TEST_CASE("clients without a valid certificate are rejected") {
  certificates::authority known;
  certificates::authority other;
  handshake_server h{known.identity("node")};
  auto stranger = other.identity("stranger");
  std::optional<transport> mine;
  auto p = h.connect();
  // The client does not trust the authority of the node either.
  CHECK(shake_hands(p, stranger, mine).find("certificate of the node")
        != std::string::npos);
  CHECK(p.closed_within(kit::patience));
  // The client trusts the node, but the node does not trust the client.
  stranger.authorities = known.identity("node").authorities;
  auto q = h.connect();
  shake_hands(q, stranger, mine);
  CHECK(q.closed_within(kit::patience));
  auto r = h.connect();
  CHECK(::send(r.fd(), "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL) == 18);
  CHECK(r.closed_within(kit::patience));
  CHECK(h.connected() == 0);
}

TEST_CASE("silent peers use no processor time and are disconnected") {
  certificates::authority known;
  handshake_server h{known.identity("node"), {1024, 1500ms}};
  std::vector<peer> silent;
  for (int i = 0; i < 200; ++i)
    silent.push_back(h.connect());
  auto before = cpu_seconds();
  CHECK(silent.front().closed_within(kit::patience));
  CHECK(cpu_seconds() - before < 0.5);
  for (auto& one : silent)
    CHECK(one.closed_within(kit::patience));
  CHECK(h.connected() == 0);
}

TEST_CASE("many silent peers do not prevent others from connecting") {
  certificates::authority known;
  size_t limit = GENERATE(10u, 1024u);
  handshake_server h{known.identity("node"), {limit, 3600'000ms}};
  std::vector<peer> silent;
  for (int i = 0; i < 200; ++i)
    silent.push_back(h.connect());
  auto p = h.connect();
  std::optional<transport> mine;
  CHECK(shake_hands(p, known.identity("client"), mine) == "");
  CHECK(h.completes(1));
  // Beyond the limit, the oldest ones were disconnected.
  if (limit < silent.size())
    CHECK(silent.front().closed_within(kit::patience));
  CHECK(!silent.back().closed_within(1ms));
  h.end();
  CHECK(silent.back().closed_within(kit::patience));
}

TEST_CASE("errors name the certificate file and the cause") {
  certificates::authority known;
  auto good = known.identity("node");
  auto why_not = [](tls_identity files) {
    std::string why;
    CHECK(!tls_context::make(files, tls_side::server, why));
    return why;
  };
  auto bad = good;
  bad.certificate = "/nowhere.pem";
  CHECK(why_not(bad).find("/nowhere.pem") != std::string::npos);
  bad = good;
  bad.key = known.identity("other").key;
  CHECK(why_not(bad).find("other.key") != std::string::npos);
  bad = good;
  bad.authorities = good.key;
  CHECK(why_not(bad).find("authorities") != std::string::npos);
  CHECK(!why_not({}).empty());
}
