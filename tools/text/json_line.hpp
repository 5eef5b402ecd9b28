// One line of JSON: a strict parser, and a writer.
#pragma once

#include <nlohmann/json.hpp>

#include <exception>
#include <string>
#include <string_view>

namespace spindle::tool {

/// JSON whose keys keep their order.
using json = nlohmann::ordered_json;

/// Why input is invalid. Thrown by all functions that read JSON.
class bad_request : public std::exception {
public:
  bad_request(std::string key, std::string expected, std::string found);

  /// Prepends an enclosing key, for instance "oplist[3]".
  void prepend(std::string_view outer);

  /// The key of the invalid value, with those of the enclosing objects; may be
  /// empty.
  const std::string& key() const noexcept {
    return key_;
  }

  const std::string& expected() const noexcept {
    return expected_;
  }

  const std::string& found() const noexcept {
    return found_;
  }

  /// Returns "KEY: expected EXPECTED, found FOUND".
  const char* what() const noexcept override {
    return text_.c_str();
  }

private:
  void render();

  std::string key_;
  std::string expected_;
  std::string found_;
  std::string text_;
};

/// Parses a line. Beyond the rules of JSON, no key may appear twice in an
/// object, and the depth and the number of keys are limited.
/// @throws bad_request
json parse_json(std::string_view line);

/// Returns a value as one line, without line break. Invalid UTF-8, for instance
/// in messages with paths, becomes replacement characters.
std::string to_line(const json& value);

/// Returns a short form of a value, for messages.
std::string shown(const json& value);

} // namespace spindle::tool
