// The connections of one listener, or of one attempt to connect.
#pragma once

#include "cafx/basp/frame_scribe.hpp"
#include "cafx/basp/ticker.hpp"
#include "cafx/net/arrivals.hpp"
#include "cafx/unsent_bytes.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace cafx {

/// Limits for peers.
struct connection_limits {
  /// Maximum number of connections; further ones are closed after their
  /// handshake.
  size_t max_connections = 1024;
  /// Maximum size of a message in bytes.
  size_t max_message_bytes = size_t{64} << 20;
  /// Maximum size of all partly received messages together, in bytes.
  size_t max_unfinished_bytes = size_t{256} << 20;
  /// Maximum number of peers in their TLS handshake, and likewise in their BASP
  /// handshake. If there are more, the oldest is disconnected.
  size_t max_handshakes = 1024;
  /// Timeout for each of the two handshakes.
  std::chrono::milliseconds handshake_timeout{5000};
  /// Counts the bytes that wait to be sent to peers; may be null.
  std::shared_ptr<unsent_bytes> unsent{};
};

/// A connection that was closed because the peer violated the protocol or a
/// limit.
struct refused_peer {
  /// "ADDRESS:PORT".
  std::string address;
  std::string why;
  /// Number of refused peers before it that were not reported.
  size_t others = 0;
};

/// Receives at most one refused peer a second. Called in the thread of CAF's
/// multiplexer, so it must not block.
using refused_observer = std::function<void(const refused_peer&)>;

} // namespace cafx

namespace cafx::basp {

/// Enforces the limits of connections.
class connections final : public frame_host,
                          public std::enable_shared_from_this<connections> {
public:
  using clock = std::chrono::steady_clock;

  connections(multiplexer& mpx, net::protocol what, net::peer_role who,
              const connection_limits& limits, refused_observer observer = {})
      : mpx_(mpx),
        max_connections_(limits.max_connections),
        memory_(
          std::max(limits.max_unfinished_bytes, limits.max_message_bytes)),
        arrivals_({limits.max_handshakes, limits.handshake_timeout}),
        unsent_(limits.unsent),
        observer_(std::move(observer)) {
    spoken = std::move(what);
    peer = who;
    max_message_bytes = limits.max_message_bytes;
  }

  net::message_memory& memory() override {
    return memory_;
  }

  void on_arrived(frame_scribe& who) override {
    if (auto leaving = arrivals_.add(&who, clock::now()))
      (*leaving)->cut_later(
        "the handshake was not done when max_handshakes was reached");
    start_ticking();
  }

  void on_waiting() override {
    start_ticking();
  }

  std::string_view on_introduced(frame_scribe& who) override {
    arrivals_.remove(&who);
    if (introduced_.size() >= max_connections_)
      return "max_connections is reached";
    introduced_.insert(&who);
    return {};
  }

  void on_refused(const frame_scribe& whom, std::string_view why) override {
    auto now = clock::now();
    if (!observer_ || now - last_report_ < std::chrono::seconds{1}) {
      ++unreported_;
      return;
    }
    last_report_ = now;
    observer_({whom.addr() + ':' + std::to_string(whom.port()),
               std::string{why}, std::exchange(unreported_, 0)});
  }

  void on_unsent(const caf::node_id& whom, uint64_t before,
                 uint64_t now) override {
    if (unsent_)
      unsent_->change(whom, before, now);
  }

  void on_gone(frame_scribe& who) override {
    arrivals_.remove(&who);
    introduced_.erase(&who);
  }

private:
  /// Starts to check deadlines periodically.
  void start_ticking() {
    if (ticker_)
      return;
    ticker_ = caf::make_counted<ticker>(mpx_, std::chrono::milliseconds{250},
                                        [weak = weak_from_this()] {
                                          if (auto self = weak.lock())
                                            return self->on_tick();
                                          return false;
                                        });
    ticker_->start();
  }

  /// @returns whether there is anything left to check.
  bool on_tick() {
    auto now = clock::now();
    for (auto* who : arrivals_.take_late(now))
      who->cut("the handshake timed out");
    memory_.check(now);
    if (arrivals_.size() > 0 || memory_.somebody_waits())
      return true;
    ticker_ = nullptr;
    return false;
  }

  multiplexer& mpx_;
  size_t max_connections_;
  net::message_memory memory_;
  net::arrivals<frame_scribe*> arrivals_;
  std::set<frame_scribe*> introduced_;
  caf::intrusive_ptr<ticker> ticker_;
  std::shared_ptr<unsent_bytes> unsent_;
  refused_observer observer_;
  clock::time_point last_report_{};
  size_t unreported_ = 0;
};

} // namespace cafx::basp
