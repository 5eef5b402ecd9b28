// Patterns for paths.

#include "catch.hpp"
#include "cpu_time.hpp"

#include "spindle/fs/glob.hpp"

#include <chrono>
#include <random>
#include <string>

#include <fnmatch.h>

using spindle::fs::glob;

namespace {

/// Returns a random text of the given characters.
std::string random_text(std::mt19937& random, std::string_view from,
                        size_t max_size) {
  std::string res;
  for (auto size = random() % (max_size + 1); size > 0; --size)
    res += from[random() % from.size()];
  return res;
}

std::string repeated(std::string_view text, size_t times) {
  std::string res;
  for (size_t i = 0; i < times; ++i)
    res += text;
  return res;
}

} // namespace

TEST_CASE("a pattern matches as documented") {
  CHECK(glob{""}.matches("any/thing"));
  CHECK(glob{"*"}.matches("a"));
  CHECK(glob{"*"}.matches(".a"));
  CHECK_FALSE(glob{"*"}.matches("a/b"));
  CHECK(glob{"a?[b-d]"}.matches("axc"));
  CHECK_FALSE(glob{"a?c"}.matches("a/c"));
  CHECK(glob{"\\*"}.matches("*"));
  CHECK_FALSE(glob{"\\*"}.matches("a"));
  CHECK_FALSE(glob{"a\\"}.matches("a"));
  CHECK_FALSE(glob{"a\\"}.matches("a\\"));
  CHECK(glob{"**/b/c"}.matches("b/c"));
  CHECK(glob{"**/b/c"}.matches("x/y/b/c"));
  CHECK_FALSE(glob{"b/c"}.matches("x/b/c"));
  CHECK_FALSE(glob{"x/b/c"}.matches("b/c"));
  CHECK(glob{"**/**/c"}.matches("c"));
  CHECK_FALSE(glob{"**/c"}.matches("xc"));
  CHECK(glob{"a*b*c"}.matches("abbc"));
  CHECK_FALSE(glob{"ab*bc"}.matches("abc"));
  CHECK(glob{"*aab"}.matches("aaab"));
  CHECK(glob{"*a*ab"}.matches("aab"));
}

TEST_CASE("a set of a pattern matches its characters") {
  CHECK(glob{"[]a]"}.matches("]"));
  CHECK(glob{"[!]a]"}.matches("b"));
  CHECK_FALSE(glob{"[^]a]"}.matches("]"));
  CHECK(glob{"[a-]"}.matches("-"));
  CHECK(glob{"[\\]]"}.matches("]"));
  CHECK(glob{"[[:digit:]x]"}.matches("7"));
  CHECK(glob{"[[:digit:]x]"}.matches("x"));
  CHECK_FALSE(glob{"[![:digit:]]"}.matches("7"));
  CHECK(glob{"[\x80-\xff]"}.matches("\xc3"));
  // A set without an end is plain text.
  CHECK(glob{"[a"}.matches("[a"));
  CHECK(glob{"[a*"}.matches("[abc"));
  CHECK(glob{"[a/b]"}.matches("[a/b]"));
  CHECK(glob{"[[b]"}.matches("["));
  CHECK(glob{"[[:nothing:]]"}.matches("n]"));
  CHECK(glob{"[a[:digit:]"}.matches("[ag"));
}

TEST_CASE("patterns match the same paths as fnmatch(3)") {
  std::mt19937 random{GENERATE(range(1u, 50u))};
  for (int i = 0; i < 2000; ++i) {
    auto pattern = random_text(random, "aabb-!]/[?**\\", 8);
    auto path = random_text(random, "aabb-]/[", 6);
    if (pattern.empty() || pattern.starts_with("**/"))
      continue;
    // Skips patterns for which the GNU library deviates from POSIX: a set with
    // a slash, an escaped slash after an asterisk, and a "[" without "]" before
    // a final "-".
    auto slash = pattern.rfind('/');
    if (slash != std::string::npos
        && (pattern.find('[') < slash || pattern.find("\\/") < slash))
      continue;
    if (pattern.ends_with('-') && pattern.find('[') != std::string::npos)
      continue;
    auto expected = fnmatch(pattern.c_str(), path.c_str(), FNM_PATHNAME) == 0;
    INFO("\"" << pattern << "\" and \"" << path << '"');
    CHECK(glob{pattern}.matches(path) == expected);
  }
}

TEST_CASE(
  "the time for a match is at most proportional to pattern times name") {
  constexpr size_t many = 2'000'000;
  auto pattern = GENERATE_COPY(
    "*" + repeated("[", many), repeated("[", many), repeated("*[", many),
    repeated("[[:digit:]", many), repeated("*a", many), repeated("\\[", many),
    repeated("*a", 127) + "b", repeated("[a-[", many));
  auto begin = kit::cpu_time();
  glob what{pattern};
  std::string name(255, 'a');
  for (int i = 0; i < 1000; ++i) {
    CHECK_FALSE(what.matches(name));
    CHECK_FALSE(what.matches(std::string(255, '[')));
  }
  // fnmatch(3) takes minutes for some of these.
  CHECK(kit::cpu_time() - begin < std::chrono::seconds{20});
}
