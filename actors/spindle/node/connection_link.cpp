// How a connection reaches its node, and notices that the node is gone.
#include "spindle/node/connection.hpp"

#include "cafx/network.hpp"

#include <utility>

namespace spindle {

namespace {

/// How many requests wait while there is no connection.
constexpr size_t max_waiting = 100'000;

} // namespace

std::string to_string(const node_address& x) {
  auto is_v6 = x.host.find(':') != std::string::npos;
  return (is_v6 ? '[' + x.host + ']' : x.host) + ':' + std::to_string(x.port);
}

// -- the connection -----------------------------------------------------------

void connection_state::when_connected(std::function<void()> good,
                                      request whose) {
  if (node_) {
    good();
    return;
  }
  if (is_broken_) {
    fail(whose, lost("it has broken"));
    return;
  }
  if (waiting_.size() >= max_waiting) {
    fail(whose, {.code = errc::queue_full,
                 .detail = "too many requests wait for the connection to "
                         + to_string(where_)});
    return;
  }
  waiting_.push_back({std::move(good), std::move(whose)});
  if (!connecting_)
    connect();
}

void connection_state::connect() {
  connecting_ = true;
  auto attempt = ++attempt_;
  cafx::connect<caf::id_block::spindle_messages>(
    self_, where_.host, where_.port, where_.tls, waits_.connect,
    [this, attempt](const caf::strong_actor_ptr& whom,
                    const std::set<std::string>&) {
      if (attempt != attempt_)
        return;
      if (whom)
        on_connected(whom);
      else
        on_lost("there is no actor");
    },
    [this, attempt](const caf::error& why) {
      if (attempt == attempt_)
        on_lost(reason_of(why));
    });
}

void connection_state::on_connected(const caf::strong_actor_ptr& whom) {
  auto node = caf::actor_cast<node_actor>(whom);
  // CAF may hand out what it knows from a connection that has just broken.
  self_->monitor(node, [this, attempt = attempt_](const caf::error&) {
    if (attempt == attempt_)
      on_lost("it broke");
  });
  self_->mail(join{.client = welcome_.client})
    .request(node, waits_.connect)
    .then(
      [this, node, attempt = attempt_](const welcome& x) {
        if (attempt == attempt_)
          on_welcome(node, x);
      },
      [this, attempt = attempt_](const caf::error& why) {
        if (attempt != attempt_)
          return;
        on_lost((failure_of(why) ? "" : "no Spindle answers: ")
                + reason_of(why));
      });
}

void connection_state::on_welcome(const node_actor& node, const welcome& x) {
  connecting_ = false;
  node_ = node;
  welcome_ = x;
  look_later();
  for (auto& one : std::exchange(waiting_, {}))
    one.send();
}

void connection_state::look_later() {
  self_->mail(look_for_node{attempt_}).delay(waits_.idle).send(self_);
}

void connection_state::look() {
  self_->mail(ping{})
    .request(node_, waits_.ping)
    .then(
      [this, attempt = attempt_] {
        if (attempt == attempt_)
          look_later();
      },
      [this, attempt = attempt_](const caf::error&) {
        if (attempt == attempt_)
          on_lost("the node does not answer");
      });
}

} // namespace spindle
