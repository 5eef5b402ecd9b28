#include "run/json_decode.hpp"

#include "text/base64.hpp"
#include "text/rfc3339.hpp"

#include "spindle/config/nearest.hpp"
#include "spindle/config/utf8.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <utility>

namespace spindle::tool {

namespace {

// -- what there is ------------------------------------------------------------

template <class Enum>
constexpr size_t count_of = 0;
template <>
constexpr size_t count_of<durability> = durability_count;
template <>
constexpr size_t count_of<write_mode> = write_mode_count;
template <>
constexpr size_t count_of<on_error> = on_error_count;
template <>
constexpr size_t count_of<chain_policy> = chain_policy_count;

template <class T>
struct without_optional {
  using type = T;
};
template <class T>
struct without_optional<std::optional<T>> {
  using type = T;
};

/// Whether a member may hold any bytes, so that JSON may need base64 for it.
template <class T>
constexpr bool is_bytes
  = std::is_same_v<
      typename without_optional<T>::type,
      std::
        string> || std::is_same_v<typename without_optional<T>::type, buffer>;

/// Whether a member has no default that anybody could mean by leaving it out.
template <class Op>
bool required(std::string_view name) {
  return name == "path" || name == "target"
      || (std::is_same_v<Op, file_write> && name == "data")
      || (std::is_same_v<Op, file_truncate> && name == "size")
      || (std::is_same_v<Op, set_permissions> && name == "permissions");
}

std::string base64_key(std::string_view name) {
  return std::string{name} + "_base64";
}

/// Returns "x", "y" or "z".
std::string alternatives(const std::vector<std::string>& words) {
  std::string res;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i > 0)
      res += i + 1 == words.size() ? " or " : ", ";
    res += '"' + words[i] + '"';
  }
  return res;
}

// -- members ------------------------------------------------------------------

[[noreturn]] void refuse(std::string_view key, std::string expected,
                         const json& found) {
  throw bad_request{std::string{key}, std::move(expected), shown(found)};
}

void read(std::string_view key, const json& value, bool& to) {
  if (!value.is_boolean())
    refuse(key, "true or false", value);
  to = value.get<bool>();
}

template <class Unsigned>
requires std::is_unsigned_v<Unsigned>
void read(std::string_view key, const json& value, Unsigned& to) {
  constexpr auto max = std::numeric_limits<Unsigned>::max();
  if (!value.is_number_unsigned() || value.get<uint64_t>() > max)
    refuse(key, "a whole number from 0 to " + std::to_string(max), value);
  to = value.get<Unsigned>();
}

template <class Enum>
requires std::is_enum_v<Enum>
void read(std::string_view key, const json& value, Enum& to) {
  std::vector<std::string> names;
  for (size_t i = 0; i < count_of<Enum>; ++i) {
    names.push_back(to_string(static_cast<Enum>(i)));
    if (value == names.back()) {
      to = static_cast<Enum>(i);
      return;
    }
  }
  refuse(key, alternatives(names), value);
}

/// Reads a number of seconds since 1970, whole or not.
std::optional<file_time> time_of_seconds(const json& value) {
  constexpr int64_t nanos_per_s = 1'000'000'000;
  constexpr auto limit = std::numeric_limits<int64_t>::max() / nanos_per_s;
  auto seconds = value.get<double>();
  if (!(std::abs(seconds) < static_cast<double>(limit)))
    return std::nullopt;
  auto nanos = value.is_number_integer()
               ? value.get<int64_t>() * nanos_per_s
               : std::llround(seconds * static_cast<double>(nanos_per_s));
  return file_time{std::chrono::nanoseconds{nanos}};
}

void read(std::string_view key, const json& value, file_time& to) {
  std::optional<file_time> res;
  if (value.is_string())
    res = from_rfc3339(value.get_ref<const std::string&>());
  else if (value.is_number())
    res = time_of_seconds(value);
  if (!res)
    refuse(key,
           "a time of the years 1678 to 2261, as \"2024-02-29T12:00:00Z\" "
           "(RFC 3339) or as seconds since 1970",
           value);
  to = *res;
}

void read(std::string_view key, const json& value, profile_choice& to) {
  if (!value.is_string())
    refuse(key, "the name of a profile", value);
  to = value.get<std::string>();
}

/// Reads the id of something. It is short, because each entry of a list repeats
/// it, and those of many writers that have ended are remembered.
void read(std::string_view key, const json& value, json& to) {
  constexpr size_t max_bytes = 1024;
  auto* text = value.get_ptr<const std::string*>();
  if (text ? text->size() > max_bytes : !value.is_null() && !value.is_number())
    refuse(key, "a string of up to 1024 bytes, or a number", value);
  to = value;
}

template <class T>
void read(std::string_view key, const json& value, std::optional<T>& to) {
  if (!value.is_null())
    read(key, value, to.emplace());
}

/// Reads the bits of chmod(1), as number or in octal digits.
void read_permissions(std::string_view key, const json& value, uint32_t& to) {
  constexpr uint32_t max = 07777;
  constexpr auto expected
    = R"(octal digits as "0644", or a number from 0 to 4095 (octal 7777))";
  if (value.is_string()) {
    const auto& digits = value.get_ref<const std::string&>();
    if (digits.empty() || digits.size() > 5
        || digits.find_first_not_of("01234567") != std::string::npos)
      refuse(key, expected, value);
    to = static_cast<uint32_t>(std::stoul(digits, nullptr, 8));
  } else if (value.is_number_unsigned() && value.get<uint64_t>() <= max) {
    to = value.get<uint32_t>();
  } else {
    refuse(key, expected, value);
  }
  if (to > max)
    refuse(key, expected, value);
}

// -- bytes --------------------------------------------------------------------

std::string decoded(const std::string& key, const json& value) {
  if (auto* text = value.get_ptr<const std::string*>())
    if (auto res = from_base64(*text))
      return *std::move(res);
  refuse(key, "base64 (RFC 4648, padded, without line breaks)", value);
}

/// Reads bytes given as text or as base64; returns whether they were given.
template <class T>
bool read_bytes(const json& object, std::string_view name, T& to) {
  using bytes = typename without_optional<T>::type;
  auto key = base64_key(name);
  auto* text = find(object, name);
  auto* base64 = find(object, key);
  if (text && base64)
    throw bad_request{key, "either this or \"" + std::string{name} + '"',
                      "both"};
  if (base64)
    to = bytes{decoded(key, *base64)};
  else if (text && text->is_string())
    to = bytes{text->get_ref<const std::string&>()};
  else if (text)
    refuse(name, "a string", *text);
  return text || base64;
}

// -- operations ---------------------------------------------------------------

template <class Op>
std::vector<std::string> keys_of() {
  std::vector<std::string> res{"id", "action"};
  Op op;
  for_each_field(op, [&res]<class T>(std::string_view name, const T&) {
    res.emplace_back(name);
    if constexpr (is_bytes<T>)
      res.push_back(base64_key(name));
  });
  return res;
}

/// Reads a member that is not bytes; returns whether it was given.
template <class T>
bool read_value(const json& object, std::string_view name, T& to) {
  auto* value = find(object, name);
  if (!value)
    return false;
  if constexpr (std::is_same_v<T, uint32_t>)
    if (name == "permissions") {
      read_permissions(name, *value, to);
      return true;
    }
  read(name, *value, to);
  return true;
}

template <class Op>
Op decode(const json& object, const line_keys& others) {
  auto keys = keys_of<Op>();
  keys.insert(keys.end(), others.begin(), others.end());
  check_keys(object, std::move(keys));
  Op res;
  for_each_field(res, [&object]<class T>(std::string_view name, T& member) {
    bool given = false;
    if constexpr (is_bytes<T>)
      given = read_bytes(object, name, member);
    else
      given = read_value(object, name, member);
    if (!given && required<Op>(name))
      throw bad_request{
        std::string{name},
        std::string{"this key, which "} + Op::type_name + " needs", "none"};
  });
  return res;
}

/// Calls `fun(Op{})` for each kind of operation.
template <class Fun>
void for_each_operation_type(Fun fun) {
  [&fun]<class... Ops>(std::variant<Ops...>*) {
    (fun(std::type_identity<Ops>{}), ...);
  }(static_cast<operation*>(nullptr));
}

} // namespace

const std::vector<std::string>& operation_names() {
  static const auto names = [] {
    std::vector<std::string> res;
    for_each_operation_type([&res]<class Op>(std::type_identity<Op>) {
      res.emplace_back(Op::type_name);
    });
    return res;
  }();
  return names;
}

operation decode_operation(const std::string& action, const json& object,
                           const line_keys& others) {
  std::optional<operation> res;
  for_each_operation_type([&]<class Op>(std::type_identity<Op>) {
    if (action == Op::type_name)
      res = decode<Op>(object, others);
  });
  if (res)
    return *std::move(res);
  refuse_action(action, operation_names());
}

background_write decode_background_write(const json& object,
                                         const line_keys& others) {
  auto res = decode<background_write>(object, others);
  if (res.data && res.source)
    throw bad_request{"source", "either this or \"data\"", "both"};
  if (!res.data && !res.source)
    throw bad_request{"data", "this key or \"source\"", "neither"};
  return res;
}

std::string decode_profile(const json& object) {
  auto* value = find(object, "profile");
  if (!value)
    throw bad_request{"profile", "the name of a profile", "none"};
  profile_choice res;
  read("profile", *value, res);
  return res.name;
}

void refuse_action(const std::string& action,
                   const std::vector<std::string>& known) {
  auto near = config::nearest(action, known);
  throw bad_request{"action",
                    near ? '"' + *near + '"' : "the name of an operation",
                    shown(action)};
}

// -- objects ------------------------------------------------------------------

const json* find(const json& object, std::string_view key) {
  auto i = object.find(key);
  return i == object.end() ? nullptr : &*i;
}

void check_keys(const json& object, std::vector<std::string> allowed) {
  constexpr size_t max_shown_key_bytes = 64;
  for (const auto& [key, value] : object.items()) {
    if (std::find(allowed.begin(), allowed.end(), key) != allowed.end())
      continue;
    auto near = config::nearest(key, allowed);
    throw bad_request{config::abridged(key, max_shown_key_bytes),
                      near ? "\"" + *near + '"' : alternatives(allowed),
                      "an unknown key"};
  }
}

std::string decode_action(const json& object) {
  auto* value = find(object, "action");
  if (!value)
    throw bad_request{"action", "the name of an operation, or \"oplist\"",
                      "neither"};
  if (!value->is_string())
    refuse("action", "the name of an operation", *value);
  return value->get<std::string>();
}

json decode_id(const json& object) {
  json res;
  if (auto* value = find(object, "id"))
    read("id", *value, res);
  return res;
}

std::string decode_lane(const json& object) {
  constexpr size_t max_bytes = 64;
  auto* value = find(object, "lane");
  if (!value)
    return {};
  auto* name = value->get_ptr<const std::string*>();
  if (!name || name->empty() || name->size() > max_bytes)
    refuse("lane", "the name of a lane, a string of 1 to 64 bytes", *value);
  return *name;
}

bool decode_progress(const json& object) {
  bool res = false;
  if (auto* value = find(object, "progress"))
    read("progress", *value, res);
  return res;
}

on_error decode_on_error(const json& object) {
  auto res = on_error::proceed;
  if (auto* value = find(object, "on_error"))
    read("on_error", *value, res);
  return res;
}

std::optional<std::chrono::nanoseconds> decode_seconds(const json& object,
                                                       std::string_view key) {
  constexpr double max_seconds = 1e9;
  auto* value = find(object, key);
  if (!value)
    return std::nullopt;
  if (!value->is_number() || !(value->get<double>() >= 0)
      || value->get<double>() > max_seconds)
    refuse(key, "a number of seconds from 0 to 1000000000", *value);
  return std::chrono::nanoseconds{std::llround(value->get<double>() * 1e9)};
}

} // namespace spindle::tool
