#include "cli/disk_system.hpp"

#include <charconv>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <utility>

namespace spindle::tool {

namespace {

/// Parses "HOST:PORT" or "[HOST]:PORT".
std::optional<node_address> parse_address(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    return std::nullopt;
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']'))
    host = host.substr(1, host.size() - 2);
  auto digits = text.substr(colon + 1);
  uint16_t port = 0;
  auto [end, error]
    = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0)
    return std::nullopt;
  return node_address{.host = std::string{host}, .port = port};
}

void complain(const std::string& why) {
  std::fprintf(stderr, "spindle: %s\n", why.c_str());
}

} // namespace

// -- configuration ------------------------------------------------------------

tool_config::tool_config() {
  tune_scheduler(*this);
}

// -- system -------------------------------------------------------------------

disk_system::disk_system(connect_options options)
    : options_(std::move(options)) {
  if (options_.has_tls())
    config_.use_tls({options_.certificate, options_.key, options_.authorities});
  system_.emplace(config_);
}

std::unique_ptr<disk_system> disk_system::make(const connect_options& options) {
  if (options.is_remote() && !parse_address(options.node)) {
    complain("--connect: expected HOST:PORT, found " + options.node);
    return nullptr;
  }
  init_networked();
  try {
    return std::unique_ptr<disk_system>{new disk_system{options}};
  } catch (const std::invalid_argument& why) {
    complain(why.what());
    return nullptr;
  }
}

std::optional<queue> disk_system::open(settings bounds, after_loss how) {
  if (!options_.is_remote())
    return spawn_queue(*system_, std::move(bounds));
  auto where = *parse_address(options_.node);
  where.tls = options_.has_tls();
  auto res = connect(*system_, where, {}, how);
  if (res)
    return node_.emplace(*std::move(res));
  complain(reason_of(res.error()));
  return std::nullopt;
}

caf::expected<void> disk_system::reconnect() const {
  return node_ ? node_->reconnect() : caf::expected<void>{};
}

} // namespace spindle::tool
