#include "text/json_encode.hpp"

#include "text/base64.hpp"
#include "text/file_text.hpp"
#include "text/rfc3339.hpp"

#include "spindle/config/utf8.hpp"

#include <type_traits>

namespace spindle::tool {

namespace {

template <class T>
void put(json& object, std::string_view name, const T& value);

// -- values -------------------------------------------------------------------

template <class T>
requires std::is_arithmetic_v<T> json encode(const T& value) {
  return value;
}

template <class T>
requires std::is_enum_v<T> json encode(const T& value) {
  return to_string(value);
}

json encode(const file_time& value) {
  return to_rfc3339(value);
}

template <described T>
json encode(const T& value) {
  auto res = json::object();
  for_each_field(value, [&res](std::string_view name, const auto& member) {
    put(res, name, member);
  });
  return res;
}

template <class T>
json encode(const std::vector<T>& values) {
  auto res = json::array();
  for (const auto& value : values)
    res.push_back(encode(value));
  return res;
}

// -- members ------------------------------------------------------------------

template <class T>
void put(json& object, std::string_view name, const T& value) {
  if constexpr (std::is_same_v<T, buffer>)
    put_bytes(object, name, value.text());
  else if constexpr (std::is_same_v<T, std::string>)
    put_bytes(object, name, value);
  else if constexpr (std::is_same_v<T, uint32_t>)
    object[std::string{name}]
      = name == "permissions" ? json(octal_text(value)) : json(value);
  else
    object[std::string{name}] = encode(value);
}

/// Returns the key for an output that is not a struct.
template <class Output>
std::string_view key_of(const operation& op) {
  if constexpr (std::is_same_v<Output, bool>)
    return "exists";
  else if constexpr (std::is_same_v<Output, buffer>)
    return "data";
  else if constexpr (std::is_same_v<Output, directory_listing>)
    return "contents";
  else
    return std::holds_alternative<symlink_read>(op) ? "target" : "checksum";
}

} // namespace

// -- bytes --------------------------------------------------------------------

void put_bytes(json& object, std::string_view name, std::string_view bytes) {
  if (config::is_utf8(bytes))
    object[std::string{name}] = bytes;
  else
    object[std::string{name} + "_base64"] = to_base64(bytes);
}

// -- answers ------------------------------------------------------------------

json encode_output(const operation& op, const output& result) {
  return std::visit(
    [&op]<class Output>(const Output& value) {
      if constexpr (described<Output>) {
        return encode(value);
      } else {
        auto res = json::object();
        put(res, key_of<Output>(op), value);
        return res;
      }
    },
    result);
}

json encode_failure(const failure& why) {
  json res{
    {"error", to_string(why.code)},
    {"errno", why.sys_errno},
    {"message", to_string(why)},
  };
  if (why.done > 0)
    res["done"] = why.done;
  if (why.links > 0)
    res["links"] = why.links;
  if (!why.entries.empty())
    res["entries"] = encode(why.entries);
  return res;
}

namespace {

double in_seconds(caf::timespan x) {
  return std::chrono::duration<double>{x}.count();
}

json seconds_after(caf::timespan begin, std::optional<caf::timespan> x) {
  return x ? json(in_seconds(begin + *x)) : json();
}

} // namespace

json encode_end(const writer_status& last, caf::timespan spawned) {
  return {
    {"written", last.written},
    {"chunks", last.chunks},
    {"started_s", seconds_after(spawned, last.started_after)},
    {"finished_s", seconds_after(spawned, last.finished_after)},
    {"busy_s", in_seconds(last.busy)},
    {"duty_pct", last.duty_pct},
    {"rate_bytes_per_s", last.rate_bytes_per_s},
  };
}

json encode_status(const writer_status& now, caf::timespan spawned) {
  auto res = encode_end(now, spawned);
  res["remaining"] = now.remaining;
  res["profile"] = now.profile;
  res["paused"] = now.paused;
  res["finished"] = now.finished;
  res["recent_duty_pct"] = now.recent_duty_pct;
  res["recent_rate_bytes_per_s"] = now.recent_rate_bytes_per_s;
  res["duty_limit_pct"] = nullptr;
  if (now.duty_limit_pct)
    res["duty_limit_pct"] = *now.duty_limit_pct;
  return res;
}

json encode_status(const queue_status& status) {
  return encode(status);
}

} // namespace spindle::tool
