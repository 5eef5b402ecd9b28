#include "kit.hpp"

#include <fstream>
#include <sstream>
#include <vector>

// These tests must run in the root directory of the project.

using namespace spindle::config;

namespace {

std::string content_of(const std::string& path) {
  std::ifstream file{path};
  REQUIRE(file);
  std::stringstream res;
  res << file.rdbuf();
  return res.str();
}

/// Returns the blocks between ```toml and ```.
std::vector<std::string> toml_blocks(const std::string& text) {
  const std::string begin = "```toml\n";
  std::vector<std::string> res;
  for (auto i = text.find(begin); i != text.npos; i = text.find(begin, i)) {
    i += begin.size();
    res.push_back(text.substr(i, text.find("```", i) - i));
  }
  return res;
}

} // namespace

TEST_CASE("the shipped file equals the built-in profiles") {
  auto res = load_file("config/profiles.toml");
  if (!res)
    FAIL(to_string(res.error()));
  CHECK(res->queue.profiles == spindle::built_in_profiles());
  for (const auto& x : res->queue.profiles)
    for (const auto& name : names_of(profile_keys)) {
      CAPTURE(x.name, name);
      CHECK(res->origin_of("profiles." + x.name + '.' + name).line > 0);
    }
}

TEST_CASE("the examples in the comments of the shipped file work") {
  // The examples are the indented comments.
  std::istringstream lines{content_of("config/profiles.toml")};
  std::string text;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("#     "))
      text += line.substr(1) + '\n';
  auto res = kit::good(text);
  CHECK(res.queue.profiles.size() == 11);
  CHECK(res.queue.profiles[6].bandwidth_pct == 50);
  CHECK(res.queue.profiles[10].max_rate == 20 << 20);
}

TEST_CASE("the examples in the manual can be loaded") {
  auto blocks = toml_blocks(content_of("docs/configuration.md"));
  REQUIRE(blocks.size() >= 3);
  for (const auto& block : blocks)
    kit::good(block);
}

TEST_CASE("the manual begins with the defaults of the queue") {
  auto block = toml_blocks(content_of("docs/configuration.md")).at(0);
  auto res = kit::good(block);
  CHECK(kit::same(res.queue, spindle::settings{}));
  for (const auto& name : names_of(queue_keys)) {
    CAPTURE(name);
    CHECK(res.origin_of("queue." + name).line > 0);
  }
}

TEST_CASE("the manual describes every key") {
  auto text = content_of("docs/configuration.md");
  auto check = [&](const std::vector<std::string>& names) {
    for (const auto& name : names) {
      CAPTURE(name);
      CHECK(text.find("| `" + name + "` |") != std::string::npos);
    }
  };
  check(names_of(queue_keys));
  check(names_of(profile_keys));
  check({"base"});
}
