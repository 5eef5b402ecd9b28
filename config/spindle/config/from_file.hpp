// Adds an option to the CAF configuration of an application that names the file
// to load.
#pragma once

#include "spindle/config/load.hpp"
#include "spindle/init.hpp"

namespace spindle::config {

/// Adds the option `spindle.config-file` to the configuration of an actor
/// system. It can be set on the command line, in the environment, or in the
/// configuration file of CAF.
///
/// `struct config : spindle::config::from_file<> {};`
template <class Base = configured<>>
class from_file : public Base {
public:
  from_file() {
    caf::config_option_adder{this->custom_options_, "spindle"}.add<std::string>(
      "config-file", "TOML file with the limits of the queue and the "
                     "profiles of writers (default: built-in values)");
  }

  caf::settings dump_content() const override {
    auto res = Base::dump_content();
    caf::put_missing(res["spindle"].as_dictionary(), "config-file",
                     std::string{});
    return res;
  }
};

/// Loads the file that `spindle.config-file` names, relative to the working
/// directory. Returns the built-in values if the option is not set.
tl::expected<configuration, mistakes> load(const caf::actor_system_config& cfg);

} // namespace spindle::config
