#include "spindle/config/from_file.hpp"

namespace spindle::config {

tl::expected<configuration, mistakes>
load(const caf::actor_system_config& cfg) {
  auto path = caf::get_or(cfg, "spindle.config-file", std::string{});
  return path.empty() ? configuration{} : load_file(path);
}

} // namespace spindle::config
