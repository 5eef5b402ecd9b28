// The settings of a node.
#pragma once

#include "spindle/init_networked.hpp"
#include "spindle/message/node_limits.hpp"
#include "spindle/ops/root_terms.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace spindle::config {

/// Where a node listens. Without certificates, only loopback addresses are
/// allowed.
struct listen_section {
  std::string address = "127.0.0.1";
  /// 0 for any free port.
  uint16_t port = 0;
  /// Empty without TLS.
  tls_files tls{};

  bool has_tls() const {
    return !tls.certificate.empty();
  }
};

/// A directory that a node offers.
struct volume_section {
  std::string name{};
  std::string root{};
  access_mode access = access_mode::read_only;
  /// Whether the root must be the mount point of a file system with its own
  /// device.
  bool must_be_mount = false;
  /// Whether clients may set the set-user-ID, set-group-ID and sticky bits.
  bool special_permissions = false;
};

/// Which events a node logs; each level includes those before it.
enum class log_level : uint8_t { error, warning, info, debug };

/// Number of values of `log_level`, the first of them 0.
inline constexpr size_t log_level_count = 4;

/// Returns the name of the value.
std::string to_string(log_level x);

/// Other settings of a node.
struct node_section {
  spindle::config::log_level log_level = log_level::info;
  /// How long a node waits for admitted operations when it shuts down.
  std::chrono::nanoseconds drain_timeout = std::chrono::seconds{30};
};

/// All settings of a node.
struct node_configuration {
  listen_section listen{};
  std::vector<volume_section> volumes{};
  node_limits limits{};
  node_section node{};
};

} // namespace spindle::config
