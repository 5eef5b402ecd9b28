#include "host.hpp"

#include <stdexcept>

namespace bench {

host::config::config(const std::string& policy) {
  auto option = "--" + cafx::caf_option("scheduler.policy") + "=" + policy;
  if (auto err = parse(std::vector<std::string>{option}); cafx::failed(err))
    throw std::runtime_error{"CAF does not know the policy " + policy};
}

host::host(const std::string& policy, const spindle::settings& bounds)
    : cfg_(policy), sys_(cfg_), queue_(spindle::spawn_queue(sys_, bounds)) {}

} // namespace bench
