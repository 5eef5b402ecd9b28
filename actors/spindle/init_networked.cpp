#include "spindle/init_networked.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <stdexcept>
#include <vector>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/stat.h>
#include <unistd.h>

namespace spindle {

namespace {

using context_ptr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// Returns the last error of OpenSSL, and clears it.
std::string last_error() {
  auto code = ERR_get_error();
  ERR_clear_error();
  auto* reason = ERR_reason_error_string(code);
  return reason ? reason : "unknown error";
}

/// Returns a time, in UTC.
std::string to_text(const ASN1_TIME* time) {
  tm parts{};
  char res[32];
  if (ASN1_TIME_to_tm(time, &parts) != 1)
    return "an unknown date";
  return {res, std::strftime(res, sizeof res, "%F %T UTC", &parts)};
}

tls_defect defect(const char* what, const std::string& path,
                  const std::string& why) {
  return {what, std::string{what} + ' ' + path + ": " + why};
}

std::optional<tls_defect> unreadable(const char* what,
                                     const std::string& path) {
  if (path.empty())
    return tls_defect{what, std::string{"no file is named for the "} + what};
  struct stat info;
  if (::stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode))
    return defect(what, path, std::strerror(EISDIR));
  if (::access(path.c_str(), R_OK) != 0)
    return defect(what, path, std::strerror(errno));
  return std::nullopt;
}

/// Notes that OpenSSL asks for a passphrase, and gives none, because a server
/// must not wait for one.
int refuse_passphrase(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return -1;
}

bool is_mismatch(unsigned long code) {
  auto reason = ERR_GET_REASON(code);
  return ERR_GET_LIB(code) == ERR_LIB_X509
      && (reason == X509_R_KEY_VALUES_MISMATCH
          || reason == X509_R_KEY_TYPE_MISMATCH);
}

/// Loads the key. The certificate must be loaded.
std::optional<tls_defect> load_key(SSL_CTX* context, const tls_files& files) {
  auto was_asked = false;
  SSL_CTX_set_default_passwd_cb(context, refuse_passphrase);
  SSL_CTX_set_default_passwd_cb_userdata(context, &was_asked);
  auto loaded
    = SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM);
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
  if (loaded == 1 && SSL_CTX_check_private_key(context) == 1)
    return std::nullopt;
  auto is_other = is_mismatch(ERR_peek_error());
  auto why = last_error();
  if (was_asked)
    return defect("key", files.key,
                  "it needs a passphrase, which nobody can give: store it "
                  "without one (openssl pkey)");
  if (is_other || loaded == 1)
    return defect("key", files.key,
                  "it does not belong to the certificate " + files.certificate);
  return defect("key", files.key, "it is no private key in PEM (" + why + ')');
}

/// Returns why a certificate is not valid now, if that is so.
std::optional<std::string> out_of_date(const X509* certificate) {
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
    return "it has expired on " + to_text(X509_get0_notAfter(certificate));
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
    return "it is not valid before "
         + to_text(X509_get0_notBefore(certificate));
  return std::nullopt;
}

/// Returns why none of the authorities is valid now, if that is so.
std::optional<tls_defect> all_out_of_date(SSL_CTX* context,
                                          const std::string& path) {
  std::optional<std::string> res;
  auto* all = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context));
  for (int i = 0; i < sk_X509_OBJECT_num(all); ++i)
    if (auto* one = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(all, i)))
      if (res = out_of_date(one); !res)
        return std::nullopt;
  if (res)
    return defect("authorities", path, *res);
  return std::nullopt;
}

} // namespace

std::optional<tls_defect> defect_of(const tls_files& files) {
  for (auto& why : {unreadable("certificate", files.certificate),
                    unreadable("key", files.key),
                    unreadable("authorities", files.authorities)})
    if (why)
      return why;
  context_ptr context{SSL_CTX_new(TLS_method()), SSL_CTX_free};
  if (!context)
    return tls_defect{"certificate", "OpenSSL: " + last_error()};
  auto* raw = context.get();
  if (SSL_CTX_use_certificate_chain_file(raw, files.certificate.c_str()) != 1)
    return defect("certificate", files.certificate,
                  "it is no certificate in PEM (" + last_error() + ')');
  if (auto why = out_of_date(SSL_CTX_get0_certificate(raw)))
    return defect("certificate", files.certificate, *why);
  if (auto why = load_key(raw, files))
    return why;
  if (SSL_CTX_load_verify_locations(raw, files.authorities.c_str(), nullptr)
      != 1)
    return defect("authorities", files.authorities,
                  "there are no certificates in PEM (" + last_error() + ')');
  return all_out_of_date(raw, files.authorities);
}

void detail::use_tls(caf::actor_system_config& cfg, const tls_files& files) {
  if (auto why = defect_of(files))
    throw std::invalid_argument{"TLS: " + why->text};
  auto option = [](const char* name, const std::string& value) {
    return "--" + cafx::caf_option(name) + '=' + value;
  };
  std::vector<std::string> args{
    option("openssl.certificate", files.certificate),
    option("openssl.key", files.key),
    option("openssl.cafile", files.authorities)};
  if (auto err = cfg.parse(std::move(args)); cafx::failed(err))
    throw std::invalid_argument{"TLS: CAF refuses the options for the files"};
}

} // namespace spindle
