#include "spindle/config/keys.hpp"

namespace spindle::config {

std::optional<pacing> pacing_form::read(const value& x) {
  auto* name = std::get_if<std::string>(&x);
  for (size_t i = 0; name && i < pacing_count; ++i)
    if (*name == to_string(static_cast<pacing>(i)))
      return static_cast<pacing>(i);
  return std::nullopt;
}

std::string pacing_form::show(pacing x) {
  return '"' + to_string(x) + '"';
}

std::string pacing_form::allowed() {
  std::string res;
  for (size_t i = 0; i < pacing_count; ++i)
    res += (i == 0 ? "" : " or ") + show(static_cast<pacing>(i));
  return res;
}

} // namespace spindle::config
