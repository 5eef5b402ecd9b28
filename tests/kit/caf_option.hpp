// Reads an option of a CAF configuration.
#pragma once

#include "cafx/cafx.hpp"

#include <string>

namespace kit {

/// Returns the value of an option of CAF as text, or "not set". CAF 0.17 quotes
/// some values.
inline std::string caf_option(const caf::actor_system_config& config,
                              const std::string& name) {
  auto value = caf::get_if(&content(config), cafx::caf_option(name));
  return value ? to_string(*value) : "not set";
}

} // namespace kit
