#include "spindle/serve.hpp"

#include "cafx/network.hpp"
#include "spindle/connect.hpp"
#include "spindle/message/messages.hpp"
#include "spindle/node/endpoint.hpp"
#include "spindle/node/gateway.hpp"
#include "spindle/node/volume_path.hpp"

#include <set>
#include <utility>

namespace spindle {

namespace {

failure cannot_serve(std::string path, std::string detail) {
  return {.code = errc::invalid_argument,
          .operation = "serve",
          .path = std::move(path),
          .detail = std::move(detail)};
}

/// Returns a failure to listen that names the address.
failure cannot_listen(const listen_settings& where, failure why) {
  why.operation = "serve";
  why.path = to_string(node_address{where.address, where.port});
  return why;
}

std::optional<failure> defect_of(const std::vector<served_volume>& volumes) {
  if (volumes.empty())
    return cannot_serve("", "there is no volume: name at least one");
  std::set<std::string> names;
  for (const auto& volume : volumes) {
    if (!is_volume_name(volume.info.name))
      return cannot_serve(volume.info.name,
                          "the name of a volume must have letters, digits, "
                          "'-', '_' and '.' only");
    if (!names.insert(volume.info.name).second)
      return cannot_serve(volume.info.name,
                          "two volumes have this name: rename one of them");
  }
  return std::nullopt;
}

/// How long a node waits for its gateway, which waits one second for clients.
constexpr auto gateway_timeout = std::chrono::seconds{5};

/// Reports that a connection was ended because its peer broke a rule.
void report(const node_observer& observer, const cafx::refused_peer& x) {
  if (observer)
    observer({"cut_off",
              {{"peer", x.address},
               {"why", x.why},
               {"others", std::to_string(x.others)}}});
}

} // namespace

// -- node ---------------------------------------------------------------------

node::node(caf::actor_system& sys, node_actor gateway, uint16_t port)
    : sys_(&sys), gateway_(std::move(gateway)), port_(port) {}

node::~node() {
  if (!gateway_)
    return;
  sys_->middleman().unpublish(gateway_, port_);
  auto gateway = caf::actor_cast<gateway_actor>(gateway_);
  cafx::scoped_actor self{*sys_};
  std::ignore
    = self->mail(flush_gateway{}).request(gateway, gateway_timeout).receive();
  self->mail(end_gateway{}).send(gateway);
}

void node::apply(const node_limits& limits) const {
  cafx::anon_mail(apply_node_limits{limits})
    .send(caf::actor_cast<gateway_actor>(gateway_));
}

void node::close() const {
  cafx::scoped_actor self{*sys_};
  std::ignore
    = self->mail(close_gateway{})
        .request(caf::actor_cast<gateway_actor>(gateway_), cafx::infinite)
        .receive();
}

// -- listening ----------------------------------------------------------------

caf::expected<node> serve(caf::actor_system& sys,
                          std::vector<served_volume> volumes,
                          const listen_settings& where,
                          const node_limits& limits, node_observer observer) {
  if (auto why = defect_of(volumes))
    return to_error(std::move(*why));
  auto address = resolve_to_listen(where.address);
  if (!address)
    return to_error(cannot_listen(where, std::move(address.error())));
  if (!where.tls && !is_loopback(*address))
    return to_error(cannot_serve(
      where.address, "other machines reach this address: set certificates for "
                     "TLS, or listen at 127.0.0.1"));
  cafx::connection_limits bounds;
  bounds.max_connections = limits.max_connections;
  bounds.max_message_bytes = limits.max_message_bytes;
  bounds.max_unfinished_bytes = limits.max_unfinished_bytes;
  bounds.max_handshakes = limits.max_handshakes;
  bounds.unsent = std::make_shared<cafx::unsent_bytes>();
  gateway_actor gateway = sys.spawn<cafx::actor_of<gateway_state>>(
    std::move(volumes), limits, observer, bounds.unsent);
  auto port = cafx::publish<caf::id_block::spindle_messages>(
    sys, node_actor{gateway}, *address, where.port, bounds, where.tls,
    [observer](const cafx::refused_peer& x) { report(observer, x); });
  if (!port) {
    cafx::anon_mail(end_gateway{}).send(gateway);
    auto why = obstacle_to_listening(*address, where.port);
    return to_error(cannot_listen(
      where, why.value_or(failure{.code = errc::system_error,
                                  .detail = reason_of(port.error())})));
  }
  return node{sys, gateway, *port};
}

} // namespace spindle
