#include "cli/connect_option.hpp"

namespace spindle::tool {

void add_connect_options(CLI::App& cmd, connect_options& options) {
  constexpr const char* group = "Nodes";
  auto* node
    = cmd
        .add_option("--connect", options.node,
                    "Work at the disk of the node that listens at this "
                    "address; paths on it are VOLUME:PATH")
        ->type_name("HOST:PORT")
        ->envname("SPINDLE_CONNECT")
        ->group(group);
  auto file = [&](const char* name, std::string& value, const char* variable,
                  const char* text) {
    return cmd.add_option(name, value, text)
      ->type_name("FILE")
      ->envname(variable)
      ->needs(node)
      ->group(group);
  };
  auto* certificate
    = file("--certificate", options.certificate, "SPINDLE_CERTIFICATE",
           "The client certificate for TLS");
  auto* key = file("--key", options.key, "SPINDLE_KEY", "Its private key");
  auto* authorities
    = file("--authorities", options.authorities, "SPINDLE_AUTHORITIES",
           "The certificates of the authorities, one of which must have "
           "signed that of the node");
  certificate->needs(key)->needs(authorities);
  key->needs(certificate);
  authorities->needs(certificate);
}

} // namespace spindle::tool
