#include "spindle/node/serve.hpp"

#include "cafx/network.hpp"
#include "spindle/node/volume_path.hpp"

#include <set>
#include <utility>

#include <arpa/inet.h>

namespace spindle {

namespace {

failure cannot_serve(std::string path, std::string detail) {
  return {.code = errc::invalid_argument,
          .operation = "serve",
          .path = std::move(path),
          .detail = std::move(detail)};
}

std::optional<failure> defect_of(const std::vector<served_volume>& volumes) {
  if (volumes.empty())
    return cannot_serve("", "there is no volume");
  std::set<std::string> names;
  for (const auto& volume : volumes) {
    if (!is_volume_name(volume.info.name))
      return cannot_serve(volume.info.name,
                          "the name of a volume has letters, digits, '-', '_' "
                          "and '.' only");
    if (!names.insert(volume.info.name).second)
      return cannot_serve(volume.info.name, "two volumes have this name");
  }
  return std::nullopt;
}

} // namespace

// -- node ---------------------------------------------------------------------

node::node(caf::actor_system& sys, gateway_actor gateway, uint16_t port)
    : sys_(&sys), gateway_(std::move(gateway)), port_(port) {}

node::~node() {
  if (!gateway_)
    return;
  sys_->middleman().unpublish(gateway_, port_);
  cafx::anon_mail(end_gateway{}).send(gateway_);
}

void node::apply(const node_limits& limits) const {
  cafx::anon_mail(apply_node_limits{limits}).send(gateway_);
}

void node::close() const {
  cafx::scoped_actor self{*sys_};
  std::ignore
    = self->mail(close_gateway{}).request(gateway_, cafx::infinite).receive();
}

// -- listening ----------------------------------------------------------------

bool is_loopback(const std::string& address) {
  in_addr v4;
  if (::inet_pton(AF_INET, address.c_str(), &v4) == 1)
    return (ntohl(v4.s_addr) >> 24) == 127;
  in6_addr v6;
  if (::inet_pton(AF_INET6, address.c_str(), &v6) == 1)
    return IN6_IS_ADDR_LOOPBACK(&v6);
  return false;
}

caf::expected<node> serve(caf::actor_system& sys,
                          std::vector<served_volume> volumes,
                          const listen_settings& where,
                          const node_limits& limits, node_observer observer) {
  if (auto why = defect_of(volumes))
    return to_error(std::move(*why));
  if (!where.tls && !is_loopback(where.address))
    return to_error(cannot_serve(
      where.address, "other machines reach this address: set certificates for "
                     "TLS, or listen at 127.0.0.1"));
  gateway_actor gateway = sys.spawn<cafx::actor_of<gateway_state>>(
    std::move(volumes), limits, std::move(observer));
  auto port = cafx::publish(sys, node_actor{gateway}, where.address, where.port,
                            {limits.max_connections, limits.max_message_bytes},
                            where.tls);
  if (!port) {
    cafx::anon_mail(end_gateway{}).send(gateway);
    return to_error(
      cannot_serve(where.address + ':' + std::to_string(where.port),
                   "cannot listen there: " + cafx::render(sys, port.error())));
  }
  return node{sys, std::move(gateway), *port};
}

} // namespace spindle
