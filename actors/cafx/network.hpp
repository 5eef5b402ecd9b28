// Listening for other nodes, and connecting to them.
//
// CAF trusts what peers send: it takes memory as headers announce it, and
// crashes on headers that no CAF sends. Here, every frame is checked before CAF
// sees it (net/frame.hpp), in both directions, and whoever has not introduced
// itself costs next to nothing.
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

/// Lets other nodes find `whom`. Blocks.
/// @tparam Blocks the types that messages of peers may have.
/// @param address where to listen, for instance "127.0.0.1".
/// @param port 0 for any that is free.
/// @param tls whether peers must show a certificate; see the options of CAF's
///            module for OpenSSL.
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

/// Looks up the actor that another node has published. Answers when connected,
/// or when that failed or took too long.
/// @tparam Blocks the types that messages of the peer may have.
/// @param found takes the actor and the messages that it understands.
template <class... Blocks, class Self, class Found, class Failed>
void connect(Self* self, const std::string& host, uint16_t port, bool tls,
             caf::timespan timeout, Found found, Failed failed) {
  using std::chrono::milliseconds;
  caf::actor_system& sys = self->system();
  auto patience
    = std::max(std::chrono::ceil<milliseconds>(timeout), milliseconds{1});
  caf::io::middleman_actor by
    = sys.spawn<basp::connector, caf::hidden + caf::detached>(
      detail::basp_broker_of(sys), basp::make_protocol<Blocks...>(), tls,
      patience);
  // Its thread ends with it, and it ends when told so.
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
