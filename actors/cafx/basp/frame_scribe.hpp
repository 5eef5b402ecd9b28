// One connection to another node: CAF's scribe, with our own reading of frames.
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

/// What the connections of one listener, or of one attempt to connect, have in
/// common. Its members are called in the thread of CAF's multiplexer.
class frame_host {
public:
  virtual ~frame_host() = default;

  /// What peers may say.
  net::protocol spoken;
  net::peer_role peer = net::peer_role::client;
  /// Bytes that a message of a peer may have, and that may wait for a peer to
  /// read them before nothing more is read from it.
  size_t max_message_bytes = 0;

  /// Where big messages get their room.
  virtual net::message_memory& memory() = 0;

  /// A connection was made; the peer has still to greet.
  virtual void on_arrived(frame_scribe& who) = 0;

  /// A connection waits for room.
  virtual void on_waiting() = 0;

  /// The peer has greeted.
  /// @returns why it may not stay, or nothing.
  virtual std::string_view on_introduced(frame_scribe& who) = 0;

  /// The connection ends because the peer broke a rule.
  virtual void on_refused(const frame_scribe& whom, std::string_view why) = 0;

  /// What waits for a peer to read it was `before` bytes, and is `now`.
  virtual void on_unsent(const caf::node_id& peer, uint64_t before,
                         uint64_t now)
    = 0;

  /// The connection has ended.
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

  /// Ends the connection.
  void cut(std::string_view why) {
    caf::intrusive_ptr<frame_scribe> guard{this};
    host_->on_refused(*this, why);
    break_off(operation::read);
  }

  /// Like `cut`, but when what goes on now is over. `why` must be a literal.
  void cut_later(std::string_view why) {
    later([this, why] { cut(why); });
  }

  // -- members of a scribe ----------------------------------------------------

  /// Starts to read; how much is up to the frames.
  void configure_read(caf::io::receive_policy::config) override {
    if (!std::exchange(launched_, true))
      host_->on_arrived(*this);
    update_reading();
  }

  /// Nobody of those who speak BASP asks for it.
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
    tell_unsent(0);
    host_->on_gone(*this);
    if (node_)
      forget_node(*static_cast<caf::io::basp_broker*>(broker));
    scribe::detach_from(broker);
  }

private:
  friend socket_events<frame_scribe>;

  // -- events of the socket ---------------------------------------------------

  /// Called when the socket can be read or written.
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

  /// The connection is over.
  void break_off(operation what) {
    out_.clear();
    next_.clear();
    sent_ = 0;
    tell_unsent(0);
    io_failure(&events_.backend(), what);
    events_.drop(operation::write);
    events_.drop(operation::read);
  }

  // -- reading ----------------------------------------------------------------

  /// Reads no more while there is no room, or while the peer does not read.
  void update_reading() {
    if (!detached())
      tell_unsent(unsent());
    auto reads = launched_ && !halted_ && !detached() && !waiting_
              && unsent() <= host_->max_message_bytes;
    if (reads == reading_)
      return;
    reading_ = reads;
    if (!reads)
      return events_.drop(operation::read);
    events_.want(operation::read);
    // The socket does not tell what TLS has read of it already.
    if (transport_.has_pending())
      later([this] { read_some(); });
  }

  void read_some() {
    // So that others get their turn.
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

  /// Gives the frame to CAF, which wants the header and the rest one after the
  /// other.
  /// @returns whether the connection goes on.
  bool pass_on() {
    auto type = static_cast<net::frame_type>(reader_.header().type);
    if (type == net::frame_type::client_handshake
        || type == net::frame_type::server_handshake) {
      if (!greet())
        return false;
      // Whoever connects to itself hears of it as the client.
      if (node_ == system().node() && host_->peer == net::peer_role::client)
        return true;
    } else if (type == net::frame_type::direct_message && !is_readable()) {
      cut("its message cannot be read");
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

  /// Learns which node the peer is.
  bool greet() {
    caf::node_id id;
    byte_buffer bytes;
    if (failed(deserialize(system(), reader_.body(), id)) || !id
        || failed(serialize(system(), bytes, id))) {
      cut("it does not say which node it is");
      return false;
    }
    if (reader_.introduced()) {
      if (id == node_)
        return true;
      cut("it says that it is another node than before");
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
    // CAF asks each new node what it may spawn there, and keeps the actor that
    // asks for ever. It does not ask where it has one already, if only in name.
    broker().spawn_servers.emplace(node_, caf::actor{});
    return true;
  }

  caf::io::basp_broker& broker() {
    return *static_cast<caf::io::basp_broker*>(parent());
  }

  /// Forgets what CAF never does: the peer, and nodes that it told of and that
  /// cannot be reached any more.
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

  /// CAF 1.1 tells the sender of a message that it cannot read, also where
  /// there is none, and then crashes.
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

  // -- room for big messages --------------------------------------------------

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
    cut("its message does not go on, and others wait for room");
  }

  uint64_t received() const override {
    return reader_.received();
  }

  static net::message_memory::clock::time_point now() {
    return net::message_memory::clock::now();
  }

  /// Calls `fun` when what goes on now is over, unless the connection is.
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

  void tell_unsent(uint64_t bytes) {
    if (node_ && bytes != told_unsent_)
      host_->on_unsent(node_, std::exchange(told_unsent_, bytes), bytes);
  }

  /// Goes on with `next_` if everything else is written; returns whether there
  /// is something to write.
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
  /// The node at the other end, once it has greeted.
  caf::node_id node_;
  /// What CAF reads.
  byte_buffer delivered_;
  /// What is being written, how much of it is, and what comes then.
  byte_buffer out_;
  size_t sent_ = 0;
  byte_buffer next_;
  /// What the host was told of that.
  uint64_t told_unsent_ = 0;
  bool launched_ = false;
  bool halted_ = false;
  bool reading_ = false;
  /// Whether it has room or a place in line, and whether it waits there.
  bool claimed_ = false;
  bool waiting_ = false;
  bool ending_ = false;
  bool read_wants_write_ = false;
  bool write_wants_read_ = false;
};

} // namespace cafx::basp
