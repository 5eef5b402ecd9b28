// An error enum, and an actor system that knows it.
#pragma once

#include "cafx/test.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

namespace cafx_test {

enum class mistake : uint8_t { none, too_small, too_large };

inline std::string to_string(mistake code) {
  const char* names[] = {"none", "too_small", "too_large"};
  return names[static_cast<size_t>(code)];
}

} // namespace cafx_test

CAFX_ERROR_ENUM(cafx_test, mistake, "cafx_test", 3)

CAF_BEGIN_TYPE_ID_BLOCK(cafx_test, 5000)

CAF_ADD_TYPE_ID(cafx_test, (cafx_test::mistake))

CAF_END_TYPE_ID_BLOCK(cafx_test)

namespace cafx_test {

/// Registers the types before any actor system exists, because main does not
/// know them.
inline const auto announced
  = (cafx::init_types<caf::id_block::cafx_test>(), true);

struct config : caf::actor_system_config {
  config() {
    cafx::add_error_enums<mistake>(*this);
  }
};

using world = cafx::test::world<config>;

} // namespace cafx_test
