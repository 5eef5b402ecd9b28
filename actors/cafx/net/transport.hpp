// A socket, with or without TLS.
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

/// The result of a non-blocking call.
enum class io_state : uint8_t {
  done,
  /// Repeat the call when the socket is readable, or writable.
  wants_read,
  wants_write,
  /// The connection was closed or failed.
  over,
};

struct io_result {
  io_state state = io_state::over;
  /// Number of bytes read or written; greater than 0 if done.
  size_t bytes = 0;
};

// -- TLS ----------------------------------------------------------------------

/// The files of a TLS identity: own certificate and key, and trusted
/// authorities.
struct tls_identity {
  std::string certificate;
  std::string key;
  std::string passphrase;
  std::string authorities;
  /// A directory of authorities in the format of OpenSSL; may be empty.
  std::string authorities_folder;
};

/// The role in the handshake.
enum class tls_side : uint8_t { server, client };

/// The TLS settings of one side, shared by its sessions. Both sides must
/// present a certificate. Any thread may use it.
class tls_context {
public:
  /// @param why receives the reason of a failure.
  /// @returns nullptr if the files are missing or invalid.
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

/// A non-blocking socket, with or without TLS. Does not own the socket.
class transport {
public:
  /// Without TLS.
  explicit transport(int fd) : fd_(fd) {}

  /// With TLS; call `shake_hands` until it is done first.
  transport(int fd, const tls_context& context);

  /// Continues the TLS handshake.
  io_state shake_hands();

  /// Repeats `shake_hands` until it is done. Blocks.
  /// @returns the reason of a failure; empty on success.
  std::string shake_hands_until(std::chrono::steady_clock::time_point deadline);

  io_result read(void* to, size_t n);

  io_result write(const void* from, size_t n);

  /// Returns whether TLS has decrypted data, which poll(2) does not report.
  bool has_pending() const;

  /// Shuts down writing, so the peer sees the end of the data.
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
