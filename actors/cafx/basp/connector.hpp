// Connects to other nodes.
#pragma once

#include "cafx/basp/listener.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace cafx::basp {

/// Connects to one node. It replaces CAF's middleman actor for looking up
/// remote actors. Blocks, so it must be detached.
class connector final : public caf::io::middleman_actor_impl {
public:
  /// @param timeout for the TLS handshake, and for the BASP handshake.
  connector(caf::actor_config& cfg, caf::actor broker, net::protocol spoken,
            bool tls, std::chrono::milliseconds timeout)
      : middleman_actor_impl(cfg, std::move(broker)),
        spoken_(std::move(spoken)),
        tls_(tls),
        timeout_(timeout) {}

protected:
  caf::expected<caf::io::scribe_ptr> connect(const std::string& host,
                                             uint16_t port) override {
    auto fd = caf::io::network::new_tcp_connection(host, port);
    if (!fd)
      return std::move(fd.error());
    prepare_socket(*fd);
    std::string why;
    auto peer = make_transport(*fd, why);
    if (!why.empty()) {
      ::close(*fd);
      return caf::make_error(caf::sec::cannot_connect_to_node, std::move(why));
    }
    auto& mpx = static_cast<multiplexer&>(system().middleman().backend());
    connection_limits limits;
    // The node decides how large its responses are.
    limits.max_message_bytes = size_t{2} << 30;
    limits.handshake_timeout = timeout_;
    auto all = std::make_shared<connections>(mpx, spoken_,
                                             net::peer_role::server, limits);
    return caf::io::scribe_ptr{
      caf::make_counted<frame_scribe>(mpx, std::move(peer), std::move(all))};
  }

private:
  net::transport make_transport(int fd, std::string& why) {
    if (!tls_)
      return net::transport{fd};
    auto context = net::tls_context::make(tls_identity_of(system().config()),
                                          net::tls_side::client, why);
    if (!context) {
      why = "TLS: " + why;
      return net::transport{fd};
    }
    net::transport res{fd, *context};
    why = res.shake_hands_until(std::chrono::steady_clock::now() + timeout_);
    return res;
  }

  net::protocol spoken_;
  bool tls_;
  std::chrono::milliseconds timeout_;
};

} // namespace cafx::basp
