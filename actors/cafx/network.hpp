// Listens for other nodes, and connects to them.
//
// CAF trusts its peers: it allocates memory as headers announce it, and crashes
// on headers that CAF never sends. So every received frame is checked before
// CAF sees it (net/frame.hpp), and a peer uses little memory before its
// handshake.
#pragma once

#include "cafx/basp/connector.hpp"
#include "cafx/basp/listener.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

namespace cafx {

namespace detail {

#if CAFX_MODERN
inline constexpr auto basp_name = "BASP";
inline constexpr auto publish_key = caf::publish_atom_v;
inline constexpr auto connect_key = caf::connect_atom_v;
#else
inline constexpr auto basp_name = caf::atom("BASP");
inline const auto publish_key = caf::publish_atom::value;
inline const auto connect_key = caf::connect_atom::value;
#endif

/// Returns CAF's own broker for BASP.
inline caf::actor basp_broker_of(caf::actor_system& sys) {
  return caf::actor_cast<caf::actor>(
    sys.middleman().named_broker<caf::io::basp_broker>(basp_name));
}

} // namespace detail

/// Publishes `whom` to other nodes. Blocks.
/// @tparam Blocks the type blocks that messages of peers may use.
/// @param address address to listen at, for instance "127.0.0.1".
/// @param port port to listen at; 0 for any free one.
/// @param tls whether to use TLS with client certificates, with the options of
///            CAF's OpenSSL module.
/// @returns the port.
template <class... Blocks, class Handle>
caf::expected<uint16_t> publish(caf::actor_system& sys, const Handle& whom,
                                const std::string& address, uint16_t port,
                                const connection_limits& limits, bool tls,
                                refused_observer observer = {}) {
  caf::io::middleman_actor opener
    = sys.spawn<basp::listener_opener, caf::hidden>(
      detail::basp_broker_of(sys), basp::make_protocol<Blocks...>(), limits,
      tls, std::move(observer));
  scoped_actor self{sys};
  return self
    ->mail(detail::publish_key, port,
           caf::actor_cast<caf::strong_actor_ptr>(whom),
           sys.message_types(whom), address, true)
    .request(opener, infinite)
    .receive();
}

/// Connects to another node and looks up the actor that it has published. Calls
/// `found` or `failed` in `self`, within `timeout`.
/// @tparam Blocks the type blocks that messages of the peer may use.
/// @param found receives the actor and the signatures of its messages.
template <class... Blocks, class Self, class Found, class Failed>
void connect(Self* self, const std::string& host, uint16_t port, bool tls,
             caf::timespan timeout, Found found, Failed failed) {
  using std::chrono::milliseconds;
  caf::actor_system& sys = self->system();
  auto handshake_timeout
    = std::max(std::chrono::ceil<milliseconds>(timeout), milliseconds{1});
  caf::io::middleman_actor by
    = sys.spawn<basp::connector, caf::hidden + caf::detached>(
      detail::basp_broker_of(sys), basp::make_protocol<Blocks...>(), tls,
      handshake_timeout);
  // The connector is detached: end it to end its thread.
  auto end = [by] { caf::anon_send_exit(by, caf::exit_reason::kill); };
  self->mail(detail::connect_key, host, port)
    .request(by, timeout)
    .then(
      [found, end](const caf::node_id&, const caf::strong_actor_ptr& whom,
                   const std::set<std::string>& messages) mutable {
        end();
        found(whom, messages);
      },
      [failed, end](const caf::error& why) mutable {
        end();
        failed(why);
      });
}

} // namespace cafx
