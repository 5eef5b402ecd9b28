#include "spindle/config/keys.hpp"

namespace spindle::config {

namespace {

/// Returns which of the `count` values of an enum has the name `x`.
template <class Enum>
std::optional<Enum> read_name(const value& x, size_t count) {
  auto* name = std::get_if<std::string>(&x);
  for (size_t i = 0; name && i < count; ++i)
    if (*name == to_string(static_cast<Enum>(i)))
      return static_cast<Enum>(i);
  return std::nullopt;
}

} // namespace

// -- pacing -------------------------------------------------------------------

std::optional<pacing> pacing_form::read(const value& x) {
  return read_name<pacing>(x, pacing_count);
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

// -- access -------------------------------------------------------------------

std::optional<access_mode> access_form::read(const value& x) {
  auto* name = std::get_if<std::string>(&x);
  for (auto y : {access_mode::read_only, access_mode::read_write})
    if (name && show(y) == '"' + *name + '"')
      return y;
  return std::nullopt;
}

std::string access_form::show(access_mode x) {
  return x == access_mode::read_only ? "\"read-only\"" : "\"read-write\"";
}

std::string access_form::allowed() {
  return show(access_mode::read_only) + " or " + show(access_mode::read_write);
}

// -- engines ------------------------------------------------------------------

std::optional<engine_choice> engine_form::read(const value& x) {
  return read_name<engine_choice>(x, engine_choice_count);
}

std::string engine_form::show(engine_choice x) {
  return '"' + to_string(x) + '"';
}

std::string engine_form::allowed() {
  return "\"auto\", \"ring\", \"threads\" or \"plain\"";
}

// -- log levels ---------------------------------------------------------------

std::string to_string(log_level x) {
  constexpr const char* names[] = {"error", "warning", "info", "debug"};
  return names[static_cast<size_t>(x)];
}

std::optional<log_level> level_form::read(const value& x) {
  return read_name<log_level>(x, log_level_count);
}

std::string level_form::show(log_level x) {
  return '"' + to_string(x) + '"';
}

std::string level_form::allowed() {
  return "\"error\", \"warning\", \"info\" or \"debug\"";
}

} // namespace spindle::config
