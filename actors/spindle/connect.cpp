#include "spindle/connect.hpp"

#include "spindle/node/connection.hpp"
#include "spindle/node/endpoint.hpp"
#include "spindle/queue/job.hpp"

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <utility>

namespace spindle {

namespace {

using namespace std::literals;

bool is_lost(const caf::error& why) {
  auto known = failure_of(why);
  return known && known->code == errc::node_lost;
}

/// Returns why there is no connection.
failure explained(const caf::error& why, const node_address& where) {
  auto res = failure_of(why).value_or(
    failure{.code = errc::node_lost, .detail = reason_of(why)});
  if (res.code == errc::node_lost)
    if (auto obstacle = obstacle_to_connecting(where.host, where.port, 1s)) {
      res = std::move(*obstacle);
      res.code = errc::node_lost;
    }
  res.operation = "connect";
  res.path = to_string(where);
  return res;
}

/// Returns what fails an operation that has no response when its timeout is
/// over.
caf::error no_response(const operation& op, const std::string& why) {
  return to_error(
    refuse(op, errc::node_lost,
           "the node did not answer in time, so that it is not known whether "
           "the operation was done: "
             + why));
}

/// Returns what fails an operation that was not sent.
caf::error not_sent(const operation& op, const caf::error& why) {
  auto known = failure_of(why);
  if (!known)
    return why;
  known->operation = name_of(op);
  known->path = path_of(op);
  return to_error(std::move(*known));
}

/// Waits until there is a connection.
caf::expected<welcome> reach(caf::actor_system& sys,
                             const connection_actor& connection,
                             const node_address& where) {
  cafx::scoped_actor self{sys};
  auto res
    = self->mail(reach_node{}).request(connection, cafx::infinite).receive();
  if (!res)
    return to_error(explained(res.error(), where));
  return res;
}

} // namespace

std::string to_string(const node_address& x) {
  auto is_v6 = x.host.find(':') != std::string::npos;
  return (is_v6 ? '[' + x.host + ']' : x.host) + ':' + std::to_string(x.port);
}

remote_queue::remote_queue(caf::actor_system& sys, node_address where,
                           connection_actor connection,
                           std::vector<volume_info> volumes)
    : queue(sys,
            {connection,
             [&sys, connection = caf::actor_cast<connection_internal_actor>(
                      connection)](write_job job, const writer_terms& terms) {
               // The node sets the other terms.
               auto lane = terms.after ? terms.after->id : lane_id{};
               return place_remote_writer(sys, connection, std::move(job),
                                          number_of(lane));
             },
             [](const settings&) {
               throw std::invalid_argument{
                 "spindle: the settings of a node are its own"};
             },
             true}),
      where_(std::move(where)),
      connection_(std::move(connection)),
      volumes_(std::move(volumes)) {}

caf::expected<void> remote_queue::reconnect() const {
  if (auto found = reach(system(), connection_, where_); !found)
    return std::move(found.error());
  return {};
}

caf::expected<output>
remote_queue::run_operation_once(operation op, caf::timespan timeout) const {
  auto end = std::chrono::steady_clock::now() + timeout;
  cafx::scoped_actor self{system()};
  request_id id;
  for (auto wait = 10ms;; wait = std::min(wait * 2, 1000ms)) {
    auto left = [end] {
      return std::max<caf::timespan>(end - std::chrono::steady_clock::now(),
                                     1ms);
    };
    auto ask = [&]() -> caf::expected<answer> {
      // With `after_loss::fail`, a connection does not connect by itself.
      if (auto there
          = self->mail(reach_node{}).request(connection_, left()).receive();
          !there)
        return not_sent(op, there.error());
      if (id.client == 0) {
        auto fresh = self->mail(next_request_id{})
                       .request(connection_, left())
                       .receive();
        if (!fresh)
          return not_sent(op, fresh.error());
        id = *fresh;
      }
      return self->mail(id, op).request(connection_, left()).receive();
    };
    auto res = ask();
    if (res && *res)
      return **std::move(res);
    if (res)
      return to_error(std::move(res->error()));
    if (!failure_of(res.error()))
      return no_response(op, reason_of(res.error()));
    if (!is_lost(res.error()) || std::chrono::steady_clock::now() + wait > end)
      return std::move(res.error());
    std::this_thread::sleep_for(wait);
  }
}

caf::expected<remote_queue> connect(caf::actor_system& sys,
                                    const node_address& where,
                                    const timeouts& limits, after_loss how) {
  detail::require_own_types(sys);
  connection_internal_actor connection
    = sys.spawn<cafx::actor_of<connection_state>>(where, limits, how);
  auto found = reach(sys, connection, where);
  if (!found) {
    cafx::anon_mail(shutdown{}).send(connection);
    return std::move(found.error());
  }
  return remote_queue{sys, where, connection, found->volumes};
}

} // namespace spindle
