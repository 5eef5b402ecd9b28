// The options of commands that work at the disk of a node.
#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace spindle::tool {

/// The node to connect to, and the files for TLS.
struct connect_options {
  /// "HOST:PORT", or empty for the disk of this machine.
  std::string node;
  /// Files for TLS; all of them, or none.
  std::string certificate;
  std::string key;
  std::string authorities;

  bool is_remote() const {
    return !node.empty();
  }

  bool has_tls() const {
    return !certificate.empty();
  }
};

/// Adds `--connect` and the options for TLS. An environment variable can
/// replace each option.
void add_connect_options(CLI::App& cmd, connect_options& options);

} // namespace spindle::tool
