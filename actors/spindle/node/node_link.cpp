#include "spindle/node/node_link.hpp"

#include "cafx/network.hpp"

#include <set>
#include <utility>

namespace spindle {

node_link::node_link(cafx::self_ptr<connection_internal_actor> self,
                     node_address where, timeouts limits, after_loss how,
                     handlers on)
    : self_(self),
      where_(std::move(where)),
      timeouts_(limits),
      after_loss_(how),
      on_(std::move(on)) {}

// -- connecting ---------------------------------------------------------------

void node_link::connect() {
  if (is_connecting_)
    return;
  is_connecting_ = true;
  auto attempt = ++attempt_;
  cafx::connect<caf::id_block::spindle_messages>(
    self_, where_.host, where_.port, where_.tls, timeouts_.connect,
    [this, attempt](const caf::strong_actor_ptr& whom,
                    const std::set<std::string>&) {
      if (attempt != attempt_)
        return;
      if (whom)
        on_connected(whom);
      else
        lose("nothing is published at this port");
    },
    [this, attempt](const caf::error& why) {
      if (attempt == attempt_)
        lose(reason_of(why));
    });
}

void node_link::on_connected(const caf::strong_actor_ptr& whom) {
  auto node = caf::actor_cast<node_actor>(whom);
  // CAF may return an actor of a connection that has just broken.
  self_->monitor(node, [this, attempt = attempt_](const caf::error&) {
    if (attempt == attempt_)
      lose("it broke");
  });
  self_->mail(join{.client = welcome_.client})
    .request(node, timeouts_.connect)
    .then(
      [this, node, attempt = attempt_](const welcome& x) {
        if (attempt == attempt_)
          on_welcome(node, x);
      },
      [this, attempt = attempt_](const caf::error& why) {
        if (attempt != attempt_)
          return;
        lose((failure_of(why) ? "" : "no Spindle node answers: ")
             + reason_of(why));
      });
}

void node_link::on_welcome(const node_actor& node, const welcome& x) {
  is_connecting_ = false;
  node_ = node;
  welcome_ = x;
  schedule_ping();
  on_.up();
}

// -- pings --------------------------------------------------------------------

void node_link::schedule_ping() {
  self_->mail(ping_due{attempt_}).delay(timeouts_.idle).send(self_);
}

void node_link::on_ping_due(const ping_due& x) {
  if (x.attempt != attempt_ || !node_)
    return;
  self_->mail(ping{})
    .request(node_, timeouts_.ping)
    .then(
      [this, attempt = attempt_] {
        if (attempt == attempt_)
          schedule_ping();
      },
      [this, attempt = attempt_](const caf::error&) {
        if (attempt == attempt_)
          lose("the node does not answer");
      });
}

// -- losing -------------------------------------------------------------------

void node_link::lose(const std::string& why) {
  is_connecting_ = false;
  is_broken_ = after_loss_ == after_loss::fail;
  drop();
  on_.lost(why);
}

void node_link::drop() {
  node_ = node_actor{};
  ++attempt_;
}

} // namespace spindle
