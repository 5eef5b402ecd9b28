// Creates certificates for tests.
#pragma once

#include "cafx/net/transport.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace certificates {

namespace detail {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

inline void require(bool good) {
  if (!good)
    throw std::runtime_error{"OpenSSL failed to create a certificate"};
}

template <class Write>
void write_file(const std::string& path, Write write) {
  std::unique_ptr<FILE, int (*)(FILE*)> file{std::fopen(path.c_str(), "w"),
                                             std::fclose};
  require(file && write(file.get()) == 1);
}

} // namespace detail

/// An authority and the identities that it has signed. The destructor removes
/// their files.
class authority {
public:
  authority() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {
    char name[] = "/tmp/spindle-tls-XXXXXX";
    detail::require(::mkdtemp(name) != nullptr);
    folder_ = name;
    certificate_ = make("authority", key_.get());
    detail::write_file(folder_ + "/ca.pem", [&](FILE* to) {
      return PEM_write_X509(to, certificate_.get());
    });
  }

  ~authority() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  /// Returns the files of an identity that this authority has signed.
  cafx::net::tls_identity identity(const std::string& name) {
    detail::key_ptr key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    auto certificate = make(name, key.get());
    cafx::net::tls_identity res{folder_ + '/' + name + ".pem",
                                folder_ + '/' + name + ".key", "",
                                folder_ + "/ca.pem", ""};
    detail::write_file(res.certificate, [&](FILE* to) {
      return PEM_write_X509(to, certificate.get());
    });
    detail::write_file(res.key, [&](FILE* to) {
      return PEM_write_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr,
                                  nullptr);
    });
    return res;
  }

private:
  detail::certificate_ptr make(const std::string& name, EVP_PKEY* key) {
    detail::certificate_ptr res{X509_new(), X509_free};
    auto* raw = res.get();
    ASN1_INTEGER_set(X509_get_serialNumber(raw), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(raw), -3600);
    X509_gmtime_adj(X509_getm_notAfter(raw), 3600);
    detail::require(X509_set_pubkey(raw, key) == 1);
    X509_NAME_add_entry_by_txt(
      X509_get_subject_name(raw), "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(
      raw, X509_get_subject_name(certificate_ ? certificate_.get() : raw));
    detail::require(X509_sign(raw, key_.get(), EVP_sha256()) > 0);
    return res;
  }

  std::string folder_;
  detail::key_ptr key_;
  detail::certificate_ptr certificate_{nullptr, X509_free};
  long serial_ = 0;
};

} // namespace certificates
