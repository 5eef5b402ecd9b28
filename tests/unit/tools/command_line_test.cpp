#include "cli/command_line.hpp"

#include "catch.hpp"

using namespace spindle::tool;

namespace {

std::vector<std::string> words(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "spindle");
  return words_of(static_cast<int>(arguments.size()), arguments.data());
}

using texts = std::vector<std::string>;

} // namespace

TEST_CASE("ordinary arguments are unchanged") {
  CHECK(words({}).empty());
  CHECK(words({"ls", "-l", "--json", "a", "", "-", "a[1]", "{a}"})
        == texts{"ls", "-l", "--json", "a", "", "-", "a[1]", "{a}"});
}

TEST_CASE("names in brackets are not parsed as lists") {
  CHECK(words({"rm", "[a,b]", "{}", "[]", "["})
        == texts{"rm", "./[a,b]", "./{}", "./[]", "["});
}

TEST_CASE("arguments after two dashes are names") {
  CHECK(words({"cp", "a", "--", "-x", "--y", "-", "--", "b"})
        == texts{"cp", "a", "./-x", "./--y", "-", "./--", "b"});
}
