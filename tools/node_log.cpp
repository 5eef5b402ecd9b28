#include "node_log.hpp"

#include "rfc3339.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace spindle::tool {

namespace {

/// Returns the text, quoted if it could be taken for something else.
std::string shown(const std::string& text) {
  auto plain = [](unsigned char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '=' && c != '\\';
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), plain))
    return text;
  using json = nlohmann::json;
  return json{text}[0].dump(-1, ' ', true, json::error_handler_t::replace);
}

} // namespace

void node_log::write(config::log_level level, std::string_view event,
                     const details& more) const {
  if (level > level_)
    return;
  auto line = "time=" + to_rfc3339(std::chrono::system_clock::now()) + " level="
            + config::to_string(level) + " event=" + std::string{event};
  for (const auto& [key, value] : more)
    line += ' ' + key + '=' + shown(value);
  line += '\n';
  // One call, so that lines of several threads do not mix.
  std::fputs(line.c_str(), stderr);
}

} // namespace spindle::tool
