// Set-up of an application that communicates with other nodes.
#pragma once

#include "spindle/export.hpp"
#include "spindle/init.hpp"

#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>

#include <optional>
#include <string>

namespace spindle {

/// The files, in PEM, by which a node or a client authenticates itself.
struct tls_files {
  /// The certificate, followed by the intermediate certificates.
  std::string certificate{};
  /// Its private key.
  std::string key{};
  /// The certificates of the authorities that are trusted.
  std::string authorities{};
};

/// Why a file cannot be used.
struct tls_defect {
  /// The file: "certificate", "key" or "authorities".
  std::string what{};
  /// One line for people, which names its path and what is wrong.
  std::string text{};
};

/// Returns why these files cannot be used, if that is so: one of them cannot be
/// read, is no certificate or key, is not valid now, or does not belong to the
/// others.
SPINDLE_EXPORT std::optional<tls_defect> defect_of(const tls_files& files);

namespace detail {

/// Sets the options of CAF's module for OpenSSL.
/// @throws std::invalid_argument if the files have a defect.
SPINDLE_EXPORT void use_tls(caf::actor_system_config& cfg,
                            const tls_files& files);

} // namespace detail

/// Like `init`, for applications that communicate with other nodes.
template <class... Ts>
void init_networked() {
  init<caf::io::middleman, caf::openssl::manager, Ts...>();
}

/// Like `configured`, for applications that communicate with other nodes.
///
/// `struct config : spindle::networked<> {…};`
template <class Base = caf::actor_system_config, class... Ts>
class networked : public configured<Base, caf::io::middleman,
                                    caf::openssl::manager, Ts...> {
public:
  /// Sets the files for TLS, of nodes and of clients. Must be called before the
  /// actor system is created.
  /// @throws std::invalid_argument if the files have a defect.
  void use_tls(const tls_files& files) {
    detail::use_tls(*this, files);
  }
};

} // namespace spindle
