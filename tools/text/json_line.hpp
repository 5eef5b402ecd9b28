// One line of JSON: reading it strictly, and writing it.
#pragma once

#include <nlohmann/json.hpp>

#include <exception>
#include <string>
#include <string_view>

namespace spindle::tool {

/// JSON whose keys keep their order.
using json = nlohmann::ordered_json;

/// Why input is not understood. Thrown by everything that reads JSON.
class bad_request : public std::exception {
public:
  bad_request(std::string key, std::string expected, std::string found);

  /// Says that the trouble is inside of `outer`, for instance "oplist[3]".
  void prepend(std::string_view outer);

  /// Where: a key, with those of the objects around it; may be empty.
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

/// Parses a line. On top of the rules of JSON, no key may appear twice in an
/// object, and neither depth nor the number of keys may be absurd.
/// @throws bad_request
json parse_json(std::string_view line);

/// Returns a value as one line, without line break. Texts that are not UTF-8
/// (messages with paths may be) get replacement characters.
std::string to_line(const json& value);

/// Returns a value in short, to quote it in a message.
std::string shown(const json& value);

} // namespace spindle::tool
