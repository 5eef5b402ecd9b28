// Listening for other nodes, and connecting to them, with limits on what a peer
// may claim before anybody knows who it is.
//
// CAF takes the memory for a message as soon as its header says how long it is,
// up to 4 GiB, whoever sent the header. A door does not: a peer that announces
// more than it may is cut off before any memory is taken.
#pragma once

#include "cafx/cafx.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include <caf/io/basp/header.hpp>
#include <caf/io/basp_broker.hpp>
#include <caf/io/middleman_actor_impl.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/doorman_impl.hpp>
#include <caf/io/network/interfaces.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/openssl/all.hpp>
#include <caf/openssl/session.hpp>

#include <unistd.h>

namespace cafx {

/// What peers may do that connect to a door.
struct door_limits {
  /// Connections at once; more are closed as soon as they are accepted.
  size_t max_connections = 1024;
  /// Bytes in one message.
  size_t max_message_bytes = size_t{64} << 20;
};

namespace detail {

/// What a peer may send before both sides have introduced themselves.
inline constexpr size_t max_introduction_bytes = size_t{64} << 10;

/// Counts the connections of a door.
class connection_count {
public:
  /// One connection, for as long as it is open.
  class token {
  public:
    explicit token(std::shared_ptr<std::atomic<size_t>> of)
        : of_(std::move(of)) {
      ++*of_;
    }

    token(token&&) noexcept = default;

    ~token() {
      if (of_)
        --*of_;
    }

  private:
    std::shared_ptr<std::atomic<size_t>> of_;
  };

  size_t value() const {
    return *count_;
  }

  token add() const {
    return token{count_};
  }

private:
  std::shared_ptr<std::atomic<size_t>> count_
    = std::make_shared<std::atomic<size_t>>(0);
};

/// Reads and writes by way of TLS.
class tls_policy {
public:
  using socket = caf::io::network::native_socket;

  using state = caf::io::network::rw_state;

  explicit tls_policy(caf::openssl::session_ptr session)
      : session_(std::move(session)) {}

  state read_some(size_t& result, socket fd, void* buf, size_t len) {
    return session_->read_some(result, fd, buf, len);
  }

  state write_some(size_t& result, socket fd, const void* buf, size_t len) {
    return session_->write_some(result, fd, buf, len);
  }

  bool must_read_more(socket fd, size_t threshold) {
    return session_->must_read_more(fd, threshold);
  }

private:
  caf::openssl::session_ptr session_;
};

/// One connection that came in by a door.
template <class Policy>
class guarded_scribe final : public caf::io::scribe {
public:
  using multiplexer = caf::io::network::default_multiplexer;

  using socket = caf::io::network::native_socket;

  template <class... Ts>
  guarded_scribe(multiplexer& mpx, socket fd, size_t max_message_bytes,
                 connection_count::token open, Ts&&... xs)
      : scribe(caf::io::network::conn_hdl_from_socket(fd)),
        open_(std::move(open)),
        max_message_bytes_(max_message_bytes),
        stream_(mpx, fd, std::forward<Ts>(xs)...) {}

  void configure_read(caf::io::receive_policy::config how) override {
    if (how.second != caf::io::basp::header_size) {
      auto most = std::exchange(most_, max_message_bytes_);
      // A payload of another size than announced makes CAF close a connection.
      if (how.second > most)
        how = caf::io::receive_policy::exactly(1);
    }
    stream_.configure_read(how);
    if (!std::exchange(launched_, true)) {
      stream_.start(this);
      // Or TLS would wait for the peer to speak first.
      stream_.force_empty_write(this);
    }
  }

  void ack_writes(bool enable) override {
    stream_.ack_writes(enable);
  }

  byte_buffer& wr_buf() override {
    return stream_.wr_buf();
  }

  byte_buffer& rd_buf() override {
    return stream_.rd_buf();
  }

  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }

  void flush() override {
    stream_.flush(this);
  }

  std::string addr() const override {
    auto res = caf::io::network::remote_addr_of_fd(stream_.fd());
    return res ? *res : std::string{};
  }

  uint16_t port() const override {
    auto res = caf::io::network::remote_port_of_fd(stream_.fd());
    return res ? *res : uint16_t{0};
  }

  void add_to_loop() override {
    stream_.activate(this);
  }

  void remove_from_loop() override {
    stream_.passivate();
  }

private:
  connection_count::token open_;
  size_t max_message_bytes_;
  /// What the next message may have.
  size_t most_ = max_introduction_bytes;
  bool launched_ = false;
  caf::io::network::stream_impl<Policy> stream_;
};

/// Lets peers in.
class guarded_doorman final : public caf::io::network::doorman_impl {
public:
  using super = caf::io::network::doorman_impl;

  guarded_doorman(caf::io::network::default_multiplexer& mpx,
                  caf::io::network::native_socket fd, door_limits limits,
                  bool tls)
      : super(mpx, fd), limits_(limits), tls_(tls) {}

  bool new_connection() override {
    auto fd = acceptor_.accepted_socket();
    if (detached() || count_.value() >= limits_.max_connections) {
      ::close(fd);
      return false;
    }
    return tls_ ? admit_with_tls(fd) : admit<caf::policy::tcp>(fd);
  }

private:
  bool admit_with_tls(caf::io::network::native_socket fd) {
    caf::io::network::nonblocking(fd, true);
    auto session = caf::openssl::make_session(parent()->system(), fd, true);
    if (!session) {
      ::close(fd);
      return false;
    }
    return admit<tls_policy>(fd, std::move(session));
  }

  template <class Policy, class... Ts>
  bool admit(caf::io::network::native_socket fd, Ts&&... xs) {
    auto& mpx = acceptor_.backend();
    auto one = caf::make_counted<guarded_scribe<Policy>>(
      mpx, fd, limits_.max_message_bytes, count_.add(),
      std::forward<Ts>(xs)...);
    auto hdl = one->hdl();
    parent()->add_scribe(std::move(one));
    return doorman::new_connection(&mpx, hdl);
  }

  door_limits limits_;
  bool tls_;
  connection_count count_;
};

/// Opens doors: CAF publishes actors by way of such an actor.
class door_opener final : public caf::io::middleman_actor_impl {
public:
  door_opener(caf::actor_config& cfg, caf::actor broker, door_limits limits,
              bool tls)
      : middleman_actor_impl(cfg, std::move(broker)),
        limits_(limits),
        tls_(tls) {}

protected:
  caf::expected<caf::io::doorman_ptr> open(uint16_t port, const char* addr,
                                           bool reuse) override {
    auto fd = caf::io::network::new_tcp_acceptor_impl(port, addr, reuse);
    if (!fd)
      return std::move(fd.error());
    auto& mpx = static_cast<caf::io::network::default_multiplexer&>(
      system().middleman().backend());
    return caf::io::doorman_ptr{
      caf::make_counted<guarded_doorman>(mpx, *fd, limits_, tls_)};
  }

private:
  door_limits limits_;
  bool tls_;
};

#if CAFX_MODERN
inline constexpr auto basp = "BASP";
inline constexpr auto publish_key = caf::publish_atom_v;
inline constexpr auto connect_key = caf::connect_atom_v;
#else
inline constexpr auto basp = caf::atom("BASP");
inline const auto publish_key = caf::publish_atom::value;
inline const auto connect_key = caf::connect_atom::value;
#endif

} // namespace detail

/// Lets other nodes find `whom` at a door. Blocks.
/// @param address where to listen, for instance "127.0.0.1".
/// @param port 0 for any that is free.
/// @param tls whether peers must show a certificate; see the options of CAF's
///            module for OpenSSL.
/// @returns the port.
template <class Handle>
caf::expected<uint16_t> publish(caf::actor_system& sys, const Handle& whom,
                                const std::string& address, uint16_t port,
                                door_limits limits, bool tls) {
  auto broker = caf::actor_cast<caf::actor>(
    sys.middleman().named_broker<caf::io::basp_broker>(detail::basp));
  caf::io::middleman_actor opener
    = sys.spawn<detail::door_opener, caf::hidden>(broker, limits, tls);
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
/// @param found takes the actor and the messages that it understands.
template <class Self, class Found, class Failed>
void connect(Self* self, const std::string& host, uint16_t port, bool tls,
             caf::timespan timeout, Found found, Failed failed) {
  auto& sys = self->system();
  auto by = tls ? sys.openssl_manager().actor_handle()
                : sys.middleman().actor_handle();
  self->mail(detail::connect_key, host, port)
    .request(by, timeout)
    .then(
      [found](const caf::node_id&, const caf::strong_actor_ptr& whom,
              const std::set<std::string>& messages) mutable {
        found(whom, messages);
      },
      failed);
}

} // namespace cafx
