#include "text/json_line.hpp"

#include "spindle/config/utf8.hpp"

#include <utility>
#include <vector>

namespace spindle::tool {

namespace {

/// More than any request needs, and safe for the stack.
constexpr size_t max_depth = 1000;

/// More than any object of a request has. The time to look up a key is
/// proportional to the number of keys.
constexpr size_t max_keys = 64;

constexpr size_t max_quoted_bytes = 80;

constexpr std::string_view expected_line = "one JSON object on the line";

/// Returns the message of the library without the name of the exception and the
/// line number, which is always 1.
std::string reason_of(const json::exception& why) {
  std::string_view text = why.what();
  constexpr std::string_view name_end = "] ";
  if (auto column = text.find("column "); column != std::string_view::npos)
    text.remove_prefix(column);
  else if (auto end = text.find(name_end); end != std::string_view::npos)
    text.remove_prefix(end + name_end.size());
  constexpr size_t max_bytes = 200;
  return config::abridged(text, max_bytes);
}

/// Builds the value of a line in linear time, and enforces the rules beyond
/// those of JSON. (With a callback, the parser of the library would search all
/// entries of an array at the end of each.)
class strict_builder : public nlohmann::json_sax<json> {
public:
  json take() {
    return std::move(root_);
  }

  bool null() override {
    return add(nullptr);
  }

  bool boolean(bool value) override {
    return add(value);
  }

  bool number_integer(number_integer_t value) override {
    return add(value);
  }

  bool number_unsigned(number_unsigned_t value) override {
    return add(value);
  }

  bool number_float(number_float_t value, const string_t&) override {
    return add(value);
  }

  bool string(string_t& value) override {
    return add(std::move(value));
  }

  bool binary(binary_t& value) override {
    return add(std::move(value));
  }

  bool start_object(size_t) override {
    return open(json::object());
  }

  bool key(string_t& name) override {
    auto& object = *open_.back();
    if (object.contains(name))
      throw bad_request{config::abridged(name, max_quoted_bytes),
                        "each key once", "this key twice"};
    if (object.size() == max_keys)
      throw bad_request{
        "", "at most " + std::to_string(max_keys) + " keys in an object",
        "more"};
    key_ = std::move(name);
    return true;
  }

  bool end_object() override {
    open_.pop_back();
    return true;
  }

  bool start_array(size_t) override {
    return open(json::array());
  }

  bool end_array() override {
    open_.pop_back();
    return true;
  }

  bool parse_error(size_t, const std::string&,
                   const json::exception& why) override {
    if (dynamic_cast<const json::out_of_range*>(&why))
      throw bad_request{"", "numbers that fit 64 bits", reason_of(why)};
    throw bad_request{"", std::string{expected_line},
                      "no JSON: " + reason_of(why)};
  }

private:
  bool open(json value) {
    if (open_.size() == max_depth)
      throw bad_request{"",
                        "objects and arrays nested at most "
                          + std::to_string(max_depth) + " deep",
                        "deeper ones"};
    // The pointer stays valid until the value is closed: nothing is added to
    // the enclosing one before.
    open_.push_back(&put(std::move(value)));
    return true;
  }

  bool add(json value) {
    put(std::move(value));
    return true;
  }

  /// Adds a value to the innermost open one, and returns a pointer to it.
  json& put(json value) {
    if (open_.empty())
      return root_ = std::move(value);
    auto& outer = *open_.back();
    if (outer.is_object())
      return outer[key_] = std::move(value);
    outer.push_back(std::move(value));
    return outer.back();
  }

  json root_;
  /// Incomplete objects and arrays, the outermost first.
  std::vector<json*> open_;
  /// The member of an object that gets the next value.
  std::string key_;
};

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
  strict_builder res;
  json::sax_parse(line.begin(), line.end(), &res);
  return res.take();
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
