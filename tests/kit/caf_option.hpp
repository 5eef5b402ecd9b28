// What an option of CAF is set to.
#pragma once

#include "cafx/cafx.hpp"

#include <string>

namespace kit {

/// Returns the value of an option of CAF as text, "not set" if there is none.
/// CAF 0.17 puts some into quotes.
inline std::string caf_option(const caf::actor_system_config& config,
                              const std::string& name) {
  auto value = caf::get_if(&content(config), cafx::caf_option(name));
  return value ? to_string(*value) : "not set";
}

} // namespace kit
