// What the bytes of a connection go through: a socket, with TLS or without.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace cafx::net {

// -- outcomes -----------------------------------------------------------------

/// What became of an attempt that does not block.
enum class io_state : uint8_t {
  done,
  /// To be repeated when the socket can be read, or written.
  wants_read,
  wants_write,
  /// The peer has ended the connection, or it broke.
  over,
};

struct io_result {
  io_state state = io_state::over;
  /// Bytes that were read or written; more than 0 if done.
  size_t bytes = 0;
};

// -- TLS ----------------------------------------------------------------------

/// Files that show who we are, and by whose signature we know others.
struct tls_identity {
  std::string certificate;
  std::string key;
  std::string passphrase;
  std::string authorities;
  /// A directory of authorities, as OpenSSL wants it; may be empty.
  std::string authorities_folder;
};

/// Whether we wait for the peer to begin, or begin.
enum class tls_side : uint8_t { server, client };

/// What the TLS sessions of one side have in common. Both sides must show a
/// certificate. Any thread may use it.
class tls_context {
public:
  /// @param why takes the reason of a failure.
  /// @returns nullptr if the files are no good.
  static std::shared_ptr<const tls_context>
  make(const tls_identity& who, tls_side side, std::string& why);

  ssl_ctx_st* get() const {
    return context_.get();
  }

  tls_side side() const {
    return side_;
  }

private:
  tls_context(std::shared_ptr<ssl_ctx_st> context, tls_side side)
      : context_(std::move(context)), side_(side) {}

  std::shared_ptr<ssl_ctx_st> context_;
  tls_side side_;
};

// -- transports --------------------------------------------------------------

/// A socket that does not block, with TLS or without. Does not own the socket.
class transport {
public:
  /// Without TLS.
  explicit transport(int fd) : fd_(fd) {}

  /// With TLS; `shake_hands` comes first.
  transport(int fd, const tls_context& context);

  /// Goes on with the handshake of TLS.
  io_state shake_hands();

  /// Repeats `shake_hands` until it is done. Blocks.
  /// @returns why it failed, or nothing.
  std::string shake_hands_until(std::chrono::steady_clock::time_point deadline);

  io_result read(void* to, size_t n);

  io_result write(const void* from, size_t n);

  /// Returns whether there is something to read that the socket does not tell.
  bool has_pending() const;

  /// Tells the peer that nothing more comes.
  void end_writing();

  int fd() const {
    return fd_;
  }

private:
  struct free_session {
    void operator()(ssl_st* x) const;
  };

  io_state state_of(int result);

  int fd_;
  std::unique_ptr<ssl_st, free_session> session_;
};

} // namespace cafx::net
