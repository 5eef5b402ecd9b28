#include "json_line.hpp"

#include "spindle/config/utf8.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace spindle::tool {

namespace {

/// Deeper than any list that makes sense, and no danger to the stack.
constexpr int max_depth = 1000;

/// More than any object of ours has. Looking up a key takes time proportional
/// to their number.
constexpr size_t max_keys = 64;

constexpr size_t max_quoted_bytes = 80;

constexpr std::string_view expected_line = "one JSON object on the line";

/// Refuses what JSON allows and we do not, while the line is parsed.
class strict_rules {
public:
  bool operator()(int depth, json::parse_event_t event, const json& parsed) {
    using event_t = json::parse_event_t;
    if (depth > max_depth)
      throw bad_request{"",
                        "objects and arrays nested at most "
                          + std::to_string(max_depth) + " deep",
                        "deeper ones"};
    if (event == event_t::object_start)
      keys_.emplace_back();
    else if (event == event_t::object_end)
      keys_.pop_back();
    else if (event == event_t::key)
      add_key(parsed.get_ref<const std::string&>());
    return true;
  }

private:
  void add_key(const std::string& key) {
    auto& known = keys_.back();
    if (std::find(known.begin(), known.end(), key) != known.end())
      throw bad_request{config::abridged(key, max_quoted_bytes),
                        "each key once", "this key twice"};
    if (known.size() == max_keys)
      throw bad_request{
        "", "at most " + std::to_string(max_keys) + " keys in an object",
        "more"};
    known.push_back(key);
  }

  /// Keys of each object that is open.
  std::vector<std::vector<std::string>> keys_;
};

/// Returns what an error says, without the name of the exception and the number
/// of the line, which is always 1.
std::string reason_of(const json::exception& why) {
  std::string_view text = why.what();
  if (auto name_end = text.find("] "); name_end != std::string_view::npos)
    text.remove_prefix(name_end + 2);
  if (auto begin = text.find("column "); begin != std::string_view::npos)
    text.remove_prefix(begin);
  constexpr size_t max_bytes = 200;
  return config::abridged(text, max_bytes);
}

} // namespace

// -- bad_request --------------------------------------------------------------

bad_request::bad_request(std::string key, std::string expected,
                         std::string found)
    : key_(std::move(key)),
      expected_(std::move(expected)),
      found_(std::move(found)) {
  render();
}

void bad_request::prepend(std::string_view outer) {
  key_ = key_.empty() ? std::string{outer} : std::string{outer} + '.' + key_;
  render();
}

void bad_request::render() {
  text_ = key_.empty() ? "" : key_ + ": ";
  text_ += "expected " + expected_ + ", found " + found_;
}

// -- lines --------------------------------------------------------------------

json parse_json(std::string_view line) {
  try {
    return json::parse(line.begin(), line.end(), strict_rules{});
  } catch (const json::parse_error& why) {
    throw bad_request{"", std::string{expected_line},
                      "no JSON: " + reason_of(why)};
  } catch (const json::out_of_range& why) {
    throw bad_request{"", "numbers that fit 64 bits",
                      config::abridged(reason_of(why), max_quoted_bytes)};
  }
}

std::string to_line(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string shown(const json& value) {
  if (value.is_array())
    return "an array";
  if (value.is_object())
    return "an object";
  return config::abridged(to_line(value), max_quoted_bytes);
}

} // namespace spindle::tool
