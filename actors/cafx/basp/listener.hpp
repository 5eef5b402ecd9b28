// Listens for peers.
#pragma once

#include "cafx/basp/connections.hpp"
#include "cafx/net/tls_handshakes.hpp"

#include <memory>
#include <system_error>
#include <utility>

#include <caf/io/middleman.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/doorman_impl.hpp>
#include <sys/socket.h>
#include <unistd.h>

namespace cafx::basp {

/// Prepares the socket of a connection.
inline void prepare_socket(int fd) {
  caf::io::network::nonblocking(fd, true);
  caf::io::network::tcp_nodelay(fd, true);
  int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

/// Accepts connections. Members are called in the thread of CAF's multiplexer.
class listener final : public caf::io::network::doorman_impl {
public:
  using super = caf::io::network::doorman_impl;

  /// @param tls nullptr to listen without TLS.
  listener(multiplexer& mpx, int fd, std::shared_ptr<connections> all,
           std::shared_ptr<const net::tls_context> tls,
           net::arrival_limits limits)
      : super(mpx, fd),
        mpx_(mpx),
        all_(std::move(all)),
        tls_(std::move(tls)),
        limits_(limits) {}

  void launch() override {
    if (tls_)
      try {
        handshakes_ = std::make_unique<net::tls_handshakes>(
          tls_, limits_,
          [this](net::transport peer) { hand_over(std::move(peer)); });
      } catch (const std::system_error&) {
        // No descriptors are left; all connections are closed.
      }
    super::launch();
  }

  bool new_connection() override {
    auto fd = acceptor_.accepted_socket();
    if (detached() || (tls_ && !handshakes_)) {
      ::close(fd);
      return false;
    }
    prepare_socket(fd);
    if (tls_)
      handshakes_->add(fd);
    else
      admit(net::transport{fd});
    return true;
  }

protected:
  void detach_from(caf::io::abstract_broker* broker) override {
    handshakes_.reset();
    super::detach_from(broker);
  }

private:
  /// Owns the socket of a peer until a frame_scribe takes it over.
  struct newcomer {
    explicit newcomer(net::transport x) : peer(std::move(x)), fd(peer.fd()) {}

    newcomer(newcomer&& x) noexcept
        : peer(std::move(x.peer)), fd(std::exchange(x.fd, -1)) {}

    ~newcomer() {
      if (fd >= 0)
        ::close(fd);
    }

    net::transport peer;
    int fd;
  };

  /// Called in the thread of the handshakes, which ends before this is
  /// detached.
  void hand_over(net::transport peer) {
    mpx_.post([self = caf::intrusive_ptr<listener>{this},
               who = newcomer{std::move(peer)}]() mutable {
      if (self->detached())
        return;
      who.fd = -1;
      self->admit(std::move(who.peer));
    });
  }

  void admit(net::transport peer) {
    auto one = caf::make_counted<frame_scribe>(mpx_, std::move(peer), all_);
    auto hdl = one->hdl();
    parent()->add_scribe(one);
    doorman::new_connection(&mpx_, hdl);
  }

  multiplexer& mpx_;
  std::shared_ptr<connections> all_;
  std::shared_ptr<const net::tls_context> tls_;
  net::arrival_limits limits_;
  std::unique_ptr<net::tls_handshakes> handshakes_;
};

/// Opens listeners. It replaces CAF's middleman actor for publishing actors.
class listener_opener final : public caf::io::middleman_actor_impl {
public:
  listener_opener(caf::actor_config& cfg, caf::actor broker,
                  net::protocol spoken, const connection_limits& limits,
                  bool tls, refused_observer observer)
      : middleman_actor_impl(cfg, std::move(broker)),
        spoken_(std::move(spoken)),
        limits_(limits),
        tls_(tls),
        observer_(std::move(observer)) {}

protected:
  caf::expected<caf::io::doorman_ptr> open(uint16_t port, const char* addr,
                                           bool reuse) override {
    std::shared_ptr<const net::tls_context> context;
    std::string why;
    if (tls_)
      context = net::tls_context::make(tls_identity_of(system().config()),
                                       net::tls_side::server, why);
    if (tls_ && !context)
      return caf::make_error(caf::sec::cannot_open_port, "TLS: " + why);
    auto fd = caf::io::network::new_tcp_acceptor_impl(port, addr, reuse);
    if (!fd)
      return std::move(fd.error());
    auto& mpx = static_cast<multiplexer&>(system().middleman().backend());
    auto all = std::make_shared<connections>(
      mpx, spoken_, net::peer_role::client, limits_, observer_);
    return caf::io::doorman_ptr{caf::make_counted<listener>(
      mpx, *fd, std::move(all), std::move(context),
      net::arrival_limits{limits_.max_handshakes, limits_.handshake_timeout})};
  }

private:
  net::protocol spoken_;
  connection_limits limits_;
  bool tls_;
  refused_observer observer_;
};

} // namespace cafx::basp
