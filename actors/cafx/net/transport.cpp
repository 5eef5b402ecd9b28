#include "cafx/net/transport.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

namespace cafx::net {

namespace {

// -- sockets ------------------------------------------------------------------

bool is_retryable(ssize_t result) {
  return result < 0
      && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

// A BIO of our own, because that of OpenSSL raises SIGPIPE.

int socket_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio)));
}

int bio_write(BIO* bio, const char* from, int n) {
  BIO_clear_retry_flags(bio);
  auto res = ::send(socket_of(bio), from, static_cast<size_t>(n), MSG_NOSIGNAL);
  if (is_retryable(res))
    BIO_set_retry_write(bio);
  return static_cast<int>(res);
}

int bio_read(BIO* bio, char* to, int n) {
  BIO_clear_retry_flags(bio);
  auto res = ::recv(socket_of(bio), to, static_cast<size_t>(n), 0);
  if (is_retryable(res))
    BIO_set_retry_read(bio);
  return static_cast<int>(res);
}

long bio_control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

const BIO_METHOD* socket_method() {
  static const auto* res = [] {
    auto* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK,
                                "socket without SIGPIPE");
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_ctrl(method, bio_control);
    return method;
  }();
  return res;
}

// -- contexts -----------------------------------------------------------------

/// Returns and clears the last error of OpenSSL.
std::string last_error() {
  auto code = ERR_get_error();
  ERR_clear_error();
  auto* reason = ERR_reason_error_string(code);
  return reason ? reason : "unknown error";
}

int give_passphrase(char* to, int size, int, void* from) {
  const auto& text = *static_cast<const std::string*>(from);
  auto n = std::min(text.size(), static_cast<size_t>(size));
  std::memcpy(to, text.data(), n);
  return static_cast<int>(n);
}

const char* or_null(const std::string& text) {
  return text.empty() ? nullptr : text.c_str();
}

/// Returns the file that could not be loaded, or nothing.
std::string load(SSL_CTX* context, const tls_identity& who) {
  auto passphrase = who.passphrase;
  if (!passphrase.empty()) {
    SSL_CTX_set_default_passwd_cb(context, give_passphrase);
    SSL_CTX_set_default_passwd_cb_userdata(context, &passphrase);
  }
  std::string bad;
  if (SSL_CTX_use_certificate_chain_file(context, who.certificate.c_str()) != 1)
    bad = "certificate " + who.certificate;
  else if (SSL_CTX_use_PrivateKey_file(context, who.key.c_str(),
                                       SSL_FILETYPE_PEM)
           != 1)
    bad = "key " + who.key;
  else if (SSL_CTX_load_verify_locations(context, or_null(who.authorities),
                                         or_null(who.authorities_folder))
           != 1)
    bad = "authorities " + who.authorities;
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  SSL_CTX_set_default_passwd_cb(context, nullptr);
  return bad;
}

} // namespace

std::shared_ptr<const tls_context>
tls_context::make(const tls_identity& who, tls_side side, std::string& why) {
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_method()), SSL_CTX_free};
  auto* raw = context.get();
  if (!raw || SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION) != 1
      || SSL_CTX_set_cipher_list(raw, "HIGH:!aNULL:!MD5") != 1) {
    why = "OpenSSL: " + last_error();
    return nullptr;
  }
  if (auto bad = load(raw, who); !bad.empty()) {
    why = bad + ": " + last_error();
    return nullptr;
  }
  SSL_CTX_set_verify(raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                     nullptr);
  SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE
                          | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                          | SSL_MODE_RELEASE_BUFFERS);
  // Sessions are never resumed.
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(raw, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_num_tickets(raw, 0);
  return std::shared_ptr<const tls_context>{
    new tls_context{std::move(context), side}};
}

// -- transports --------------------------------------------------------------

void transport::free_session::operator()(ssl_st* x) const {
  SSL_free(x);
}

transport::transport(int fd, const tls_context& context)
    : fd_(fd), session_(SSL_new(context.get())) {
  auto* bio = session_ ? BIO_new(socket_method()) : nullptr;
  if (!bio) {
    session_.reset();
    fd_ = -1; // every call fails
    return;
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(fd)));
  BIO_set_init(bio, 1);
  SSL_set_bio(session_.get(), bio, bio);
  if (context.side() == tls_side::server)
    SSL_set_accept_state(session_.get());
  else
    SSL_set_connect_state(session_.get());
}

io_state transport::state_of(int result) {
  switch (SSL_get_error(session_.get(), result)) {
    case SSL_ERROR_NONE:
      return io_state::done;
    case SSL_ERROR_WANT_READ:
      return io_state::wants_read;
    case SSL_ERROR_WANT_WRITE:
      return io_state::wants_write;
    default:
      return io_state::over;
  }
}

io_state transport::shake_hands() {
  if (!session_)
    return fd_ < 0 ? io_state::over : io_state::done;
  ERR_clear_error();
  return state_of(SSL_do_handshake(session_.get()));
}

std::string
transport::shake_hands_until(std::chrono::steady_clock::time_point deadline) {
  using namespace std::chrono;
  for (;;) {
    auto state = shake_hands();
    if (state == io_state::done)
      return "";
    if (state == io_state::over) {
      auto verified
        = session_ ? SSL_get_verify_result(session_.get()) : X509_V_OK;
      if (verified != X509_V_OK)
        return std::string{"the certificate of the node: "}
             + X509_verify_cert_error_string(verified);
      return "the TLS handshake failed: " + last_error();
    }
    auto left = ceil<milliseconds>(deadline - steady_clock::now()).count();
    pollfd socket{fd_, POLLIN, 0};
    if (state == io_state::wants_write)
      socket.events = POLLOUT;
    if (left <= 0 || ::poll(&socket, 1, static_cast<int>(left)) == 0)
      return "the TLS handshake timed out";
  }
}

io_result transport::read(void* to, size_t n) {
  if (session_) {
    ERR_clear_error();
    size_t done = 0;
    auto res = SSL_read_ex(session_.get(), to, n, &done);
    return {res == 1 ? io_state::done : state_of(res), done};
  }
  auto res = ::recv(fd_, to, n, 0);
  if (is_retryable(res))
    return {io_state::wants_read};
  if (res <= 0)
    return {io_state::over};
  return {io_state::done, static_cast<size_t>(res)};
}

io_result transport::write(const void* from, size_t n) {
  if (session_) {
    ERR_clear_error();
    size_t done = 0;
    auto res = SSL_write_ex(session_.get(), from, n, &done);
    return {res == 1 ? io_state::done : state_of(res), done};
  }
  auto res = ::send(fd_, from, n, MSG_NOSIGNAL);
  if (is_retryable(res))
    return {io_state::wants_write};
  if (res <= 0)
    return {io_state::over};
  return {io_state::done, static_cast<size_t>(res)};
}

bool transport::has_pending() const {
  return session_ && SSL_pending(session_.get()) > 0;
}

void transport::end_writing() {
  if (session_) {
    ERR_clear_error();
    SSL_shutdown(session_.get());
  }
  ::shutdown(fd_, SHUT_WR);
}

} // namespace cafx::net
