#include "spindle/message/settings.hpp"

#include <array>

namespace spindle {

std::string to_string(engine_choice x) {
  constexpr std::array<const char*, engine_choice_count> names{
    "auto", "ring", "threads", "plain"};
  auto index = static_cast<size_t>(x);
  return index < names.size() ? names[index]
                              : "invalid(" + std::to_string(index) + ")";
}

} // namespace spindle
