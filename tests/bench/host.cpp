#include "host.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace bench {

spindle::settings settings_of(const options& opts) {
  spindle::settings res;
  res.detach_all = opts.detach;
  if (opts.ops_per_turn > 0)
    res.ops_per_turn = opts.ops_per_turn;
  return res;
}

void configure(caf::actor_system_config& cfg, const scheduling& how) {
  auto assign = [](const char* name, const std::string& value) {
    return "--" + cafx::caf_option(name) + "=" + value;
  };
  std::vector<std::string> args{assign("scheduler.policy", how.policy)};
  if (how.workers > 0)
    args.push_back(
      assign("scheduler.max-threads", std::to_string(how.workers)));
  if (auto err = cfg.parse(std::move(args)); cafx::failed(err))
    throw std::runtime_error{"CAF does not know the policy " + how.policy};
}

host::config::config(const scheduling& how) {
  configure(*this, how);
}

host::host(const scheduling& how, const spindle::settings& bounds)
    : cfg_(how), sys_(cfg_), queue_(spindle::spawn_queue(sys_, bounds)) {}

} // namespace bench
