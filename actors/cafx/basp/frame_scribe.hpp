// A connection to another node: CAF's scribe, which reads and checks frames
// itself.
#pragma once

#include "cafx/basp/rules.hpp"
#include "cafx/basp/socket_events.hpp"
#include "cafx/net/frame_reader.hpp"
#include "cafx/net/message_memory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <caf/io/basp_broker.hpp>
#include <caf/io/scribe.hpp>

namespace cafx::basp {

class frame_scribe;

/// The state and callbacks that the connections of one listener, or of one
/// attempt to connect, share. Used in the thread of CAF's multiplexer.
class frame_host {
public:
  virtual ~frame_host() = default;

  /// The protocol with the peers.
  net::protocol spoken;
  net::peer_role peer = net::peer_role::client;
  /// Maximum size of a message in bytes. Also, nothing is read from a peer
  /// while more unsent bytes than this wait for it.
  size_t max_message_bytes = 0;

  /// Returns the memory for large messages.
  virtual net::message_memory& memory() = 0;

  /// Called when a connection was made, before the handshake of the peer.
  virtual void on_arrived(frame_scribe& who) = 0;

  /// Called when a connection waits for memory.
  virtual void on_waiting() = 0;

  /// Called when the peer has sent its handshake.
  /// @returns why the peer is refused; empty to accept it.
  virtual std::string_view on_introduced(frame_scribe& who) = 0;

  /// Called when the connection is closed because the peer violated the
  /// protocol or a limit.
  virtual void on_refused(const frame_scribe& whom, std::string_view why) = 0;

  /// Called when the unsent bytes for a peer change from `before` to `now`.
  virtual void on_unsent(const caf::node_id& peer, uint64_t before,
                         uint64_t now)
    = 0;

  /// Called when the connection has ended.
  virtual void on_gone(frame_scribe& who) = 0;
};

/// Reads and checks frames, and passes them on to CAF's broker for BASP. All
/// members are called in the thread of CAF's multiplexer.
class frame_scribe final : public caf::io::scribe,
                           private net::message_memory::receiver {
public:
  frame_scribe(multiplexer& mpx, net::transport peer,
               std::shared_ptr<frame_host> host)
      : scribe(caf::io::network::conn_hdl_from_socket(peer.fd())),
        host_(std::move(host)),
        events_(mpx, peer.fd(), *this),
        transport_(std::move(peer)),
        reader_(host_->spoken, host_->peer, host_->max_message_bytes) {}

  /// Closes the connection and reports the peer as refused.
  void cut(std::string_view why) {
    caf::intrusive_ptr<frame_scribe> guard{this};
    host_->on_refused(*this, why);
    break_off(operation::read);
  }

  /// Like `cut`, but after the current event is handled. `why` must be a string
  /// literal.
  void cut_later(std::string_view why) {
    later([this, why] { cut(why); });
  }

  // -- members of a scribe ----------------------------------------------------

  /// Starts to read. Ignores the policy, since frames determine how much is
  /// read.
  void configure_read(caf::io::receive_policy::config) override {
    if (!std::exchange(launched_, true))
      host_->on_arrived(*this);
    update_reading();
  }

  /// Unused by CAF's BASP broker.
  void ack_writes(bool) override {}

  byte_buffer& wr_buf() override {
    return next_;
  }

  byte_buffer& rd_buf() override {
    return delivered_;
  }

  void flush() override {
    if (!next_.empty())
      events_.want(operation::write);
    update_reading();
  }

  void graceful_shutdown() override {
    caf::intrusive_ptr<frame_scribe> guard{this};
    ending_ = true;
    detach(&events_.backend(), false);
    if (unsent() == 0)
      transport_.end_writing();
  }

  std::string addr() const override {
    auto res = caf::io::network::remote_addr_of_fd(events_.fd());
    return res ? *res : std::string{};
  }

  uint16_t port() const override {
    auto res = caf::io::network::remote_port_of_fd(events_.fd());
    return res ? *res : uint16_t{0};
  }

  void add_to_loop() override {
    halted_ = false;
    update_reading();
  }

  void remove_from_loop() override {
    halted_ = true;
    update_reading();
  }

protected:
  void detach_from(caf::io::abstract_broker* broker) override {
    release_room();
    report_unsent(0);
    host_->on_gone(*this);
    if (node_)
      forget_node(*static_cast<caf::io::basp_broker*>(broker));
    scribe::detach_from(broker);
  }

private:
  friend socket_events<frame_scribe>;

  // -- events of the socket ---------------------------------------------------

  /// Called when the socket is readable or writable.
  void on_event(operation what) {
    switch (what) {
      case operation::read:
        if (std::exchange(write_wants_read_, false))
          write_some();
        read_some();
        break;
      case operation::write:
        if (std::exchange(read_wants_write_, false))
          read_some();
        write_some();
        break;
      case operation::propagate_error:
        break_off(operation::read);
    }
  }

  /// Ends the connection after an error or at its end.
  void break_off(operation what) {
    out_.clear();
    next_.clear();
    sent_ = 0;
    report_unsent(0);
    io_failure(&events_.backend(), what);
    events_.drop(operation::write);
    events_.drop(operation::read);
  }

  // -- reading ----------------------------------------------------------------

  /// Starts or stops reading: does not read while memory is missing, or while
  /// too many bytes for the peer are unsent.
  void update_reading() {
    if (!detached())
      report_unsent(unsent());
    auto reads = launched_ && !halted_ && !detached() && !waiting_
              && unsent() <= host_->max_message_bytes;
    if (reads == reading_)
      return;
    reading_ = reads;
    if (!reads)
      return events_.drop(operation::read);
    events_.want(operation::read);
    // The socket has no event for data that TLS has already read.
    if (transport_.has_pending())
      later([this] { read_some(); });
  }

  void read_some() {
    // Limits for one event, so that other connections are served, too.
    constexpr int max_reads = 50;
    constexpr uint64_t max_bytes = uint64_t{1} << 20;
    auto before = reader_.received();
    for (int n = 0; (n < max_reads && reader_.received() - before < max_bytes)
                    || transport_.has_pending();
         ++n) {
      if (!reading_)
        return;
      auto space = reader_.space();
      auto res = transport_.read(space.data(), space.size());
      if (res.state == net::io_state::over)
        return break_off(operation::read);
      if (res.state != net::io_state::done) {
        read_wants_write_ = res.state == net::io_state::wants_write;
        if (read_wants_write_)
          events_.want(operation::write);
        return;
      }
      on_bytes(res.bytes);
    }
  }

  void on_bytes(size_t n) {
    switch (reader_.took(n)) {
      case net::reading::more:
        break;
      case net::reading::room_wanted:
        claim_room();
        break;
      case net::reading::frame:
        on_frame();
        break;
      case net::reading::refused:
        cut(reader_.why());
    }
  }

  void on_frame() {
    if (!reader_.ignored() && !pass_on())
      return;
    release_room();
    reader_.next();
  }

  /// Passes the frame to CAF, which takes header and payload in two calls.
  /// @returns whether the connection is still open.
  bool pass_on() {
    auto type = static_cast<net::frame_type>(reader_.header().type);
    if (type == net::frame_type::client_handshake
        || type == net::frame_type::server_handshake) {
      if (!on_handshake())
        return false;
      // If a node connects to itself, CAF handles that on the client side.
      if (node_ == system().node() && host_->peer == net::peer_role::client)
        return true;
    } else if (type == net::frame_type::direct_message && !is_readable()) {
      cut("the message cannot be deserialized");
      return false;
    }
    return deliver(reader_.head())
        && (reader_.body().empty() || deliver(reader_.body()));
  }

  bool deliver(byte_buffer& what) {
    delivered_.swap(what);
    auto res
      = consume(&events_.backend(), delivered_.data(), delivered_.size());
    delivered_.swap(what);
    if (!res && !detached())
      break_off(operation::read);
    return res && !detached();
  }

  caf::actor_system& system() {
    return parent()->system();
  }

  // -- the peer ---------------------------------------------------------------

  /// Handles the handshake of the peer, which contains its node id.
  bool on_handshake() {
    caf::node_id id;
    byte_buffer bytes;
    if (failed(deserialize(system(), reader_.body(), id)) || !id
        || failed(serialize(system(), bytes, id))) {
      cut("the handshake has no valid node id");
      return false;
    }
    if (reader_.introduced()) {
      if (id == node_)
        return true;
      cut("the handshake has another node id than before");
      return false;
    }
    if (auto why = host_->on_introduced(*this); !why.empty()) {
      cut(why);
      return false;
    }
    node_ = id;
    byte_buffer own;
    std::ignore = serialize(system(), own, system().node());
    reader_.introduce(std::move(bytes), std::move(own));
    // CAF spawns an actor for each new node to query its spawn server, and
    // keeps it forever. An entry with an empty handle prevents that.
    broker().spawn_servers.emplace(node_, caf::actor{});
    return true;
  }

  caf::io::basp_broker& broker() {
    return *static_cast<caf::io::basp_broker*>(parent());
  }

  /// Removes entries that CAF never removes: the peer, and indirectly known
  /// nodes that are no longer reachable.
  void forget_node(caf::io::basp_broker& broker) {
    auto& all = broker.spawn_servers;
    if (auto i = all.find(node_); i != all.end() && !i->second)
      all.erase(i);
    if (all.size() <= 2 * broker.ctx.size() + 64)
      return;
    auto& routes = broker.instance.tbl();
    for (auto i = all.begin(); i != all.end();) {
      if (routes.lookup(i->first)) {
        ++i;
        continue;
      }
      routes.erase_indirect(i->first);
      caf::anon_send_exit(i->second, caf::exit_reason::kill);
      i = all.erase(i);
    }
  }

  /// Returns whether CAF can deserialize a message without a sender. CAF 1.1
  /// reports a malformed message to its sender, and crashes if there is none.
  bool is_readable() {
#if CAFX_MODERN
    if (reader_.header().source != 0)
      return true;
    broker().set_context(hdl());
    caf::proxy_registry::current(&broker().instance.proxies());
    caf::message content;
    auto res = !failed(deserialize(system(), reader_.body(), content));
    caf::proxy_registry::current(nullptr);
    return res;
#else
    return true;
#endif
  }

  // -- memory for large messages ----------------------------------------------

  void claim_room() {
    claimed_ = true;
    if (host_->memory().claim(*this, reader_.pending_bytes(), now()))
      return reader_.grant();
    waiting_ = true;
    update_reading();
    host_->on_waiting();
  }

  void release_room() {
    if (std::exchange(claimed_, false))
      host_->memory().release(*this, now());
  }

  void on_room() override {
    later([this] {
      if (!std::exchange(waiting_, false))
        return;
      reader_.grant();
      update_reading();
    });
  }

  void on_stalled() override {
    cut("the message stalled while others waited for memory");
  }

  uint64_t received() const override {
    return reader_.received();
  }

  static net::message_memory::clock::time_point now() {
    return net::message_memory::clock::now();
  }

  /// Calls `fun` after the current event is handled, unless the connection has
  /// ended by then.
  template <class Fun>
  void later(Fun fun) {
    events_.backend().post(
      [self = caf::intrusive_ptr<frame_scribe>{this}, fun] {
        if (!self->detached())
          fun();
      });
  }

  // -- writing ----------------------------------------------------------------

  size_t unsent() const {
    return out_.size() - sent_ + next_.size();
  }

  void report_unsent(uint64_t bytes) {
    if (node_ && bytes != reported_unsent_)
      host_->on_unsent(node_, std::exchange(reported_unsent_, bytes), bytes);
  }

  /// Moves `next_` to `out_` if all of `out_` is written; returns whether there
  /// is anything to write.
  bool has_output() {
    if (sent_ < out_.size())
      return true;
    sent_ = 0;
    if (out_.capacity() > net::small_frame_bytes)
      byte_buffer{}.swap(out_);
    else
      out_.clear();
    out_.swap(next_);
    return !out_.empty();
  }

  void write_some() {
    constexpr size_t max_bytes = size_t{1} << 20;
    for (size_t written = 0; has_output();) {
      if (written >= max_bytes)
        return update_reading();
      auto n = std::min(out_.size() - sent_, max_bytes);
      auto res = transport_.write(out_.data() + sent_, n);
      if (res.state == net::io_state::over)
        return break_off(operation::write);
      if (res.state == net::io_state::wants_write)
        return update_reading();
      if (res.state == net::io_state::wants_read) {
        write_wants_read_ = true;
        break;
      }
      sent_ += res.bytes;
      written += res.bytes;
    }
    events_.drop(operation::write);
    if (ending_ && unsent() == 0)
      transport_.end_writing();
    update_reading();
  }

  std::shared_ptr<frame_host> host_;
  socket_events<frame_scribe> events_;
  net::transport transport_;
  net::frame_reader<byte_buffer::value_type> reader_;
  /// The node of the peer; empty before its handshake.
  caf::node_id node_;
  /// Buffer that CAF reads from.
  byte_buffer delivered_;
  /// Bytes being written, how many of them are written, and the next bytes.
  byte_buffer out_;
  size_t sent_ = 0;
  byte_buffer next_;
  /// Number of unsent bytes last reported to the host.
  uint64_t reported_unsent_ = 0;
  bool launched_ = false;
  bool halted_ = false;
  bool reading_ = false;
  /// Whether memory was claimed, and whether this waits for it.
  bool claimed_ = false;
  bool waiting_ = false;
  bool ending_ = false;
  bool read_wants_write_ = false;
  bool write_wants_read_ = false;
};

} // namespace cafx::basp
