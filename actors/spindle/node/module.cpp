#include "spindle/node/module.hpp"

#include <cerrno>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <unistd.h>

namespace spindle {

namespace {

using context_ptr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// Returns what OpenSSL has to say, and forgets it.
std::string last_error() {
  auto code = ERR_get_error();
  ERR_clear_error();
  auto* reason = ERR_reason_error_string(code);
  return reason ? reason : "unknown error";
}

std::optional<std::string> unreadable(const char* what,
                                      const std::string& path) {
  if (path.empty())
    return std::string{"there is no "} + what;
  if (::access(path.c_str(), R_OK) != 0)
    return std::string{what} + " " + path + ": " + std::strerror(errno);
  return std::nullopt;
}

std::string bad_file(const char* what, const std::string& path) {
  return std::string{what} + " " + path + ": " + last_error();
}

/// Returns whether a certificate is not valid now.
std::optional<std::string> out_of_date(SSL_CTX* context,
                                       const std::string& path) {
  auto* certificate = SSL_CTX_get0_certificate(context);
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
    return "certificate " + path + ": it has expired";
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
    return "certificate " + path + ": it is not valid yet";
  return std::nullopt;
}

} // namespace

std::optional<std::string> defect_of(const tls_files& files) {
  for (auto& why : {unreadable("certificate", files.certificate),
                    unreadable("key", files.key),
                    unreadable("authorities", files.authorities)})
    if (why)
      return why;
  context_ptr context{SSL_CTX_new(TLS_method()), SSL_CTX_free};
  if (!context)
    return "OpenSSL: " + last_error();
  auto* raw = context.get();
  if (SSL_CTX_use_certificate_chain_file(raw, files.certificate.c_str()) != 1)
    return bad_file("certificate", files.certificate);
  if (SSL_CTX_use_PrivateKey_file(raw, files.key.c_str(), SSL_FILETYPE_PEM)
      != 1)
    return bad_file("key", files.key);
  if (SSL_CTX_check_private_key(raw) != 1)
    return "key " + files.key + " does not belong to the certificate "
         + files.certificate;
  if (SSL_CTX_load_verify_locations(raw, files.authorities.c_str(), nullptr)
      != 1)
    return bad_file("authorities", files.authorities);
  return out_of_date(raw, files.certificate);
}

void detail::use_tls(caf::actor_system_config& cfg, const tls_files& files) {
  if (auto why = defect_of(files))
    throw std::invalid_argument{"TLS: " + *why};
  auto option = [](const char* name, const std::string& value) {
    return "--" + cafx::caf_option(name) + '=' + value;
  };
  std::vector<std::string> args{
    option("openssl.certificate", files.certificate),
    option("openssl.key", files.key),
    option("openssl.cafile", files.authorities)};
  if (auto err = cfg.parse(std::move(args)); cafx::failed(err))
    throw std::invalid_argument{"TLS: CAF does not take the files"};
}

} // namespace spindle
