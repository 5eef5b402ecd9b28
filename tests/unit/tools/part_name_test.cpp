// Names of parts: short enough for every directory, and distinct for each file.

#include "catch.hpp"

#include "transfer/part_name.hpp"

#include <string>

using spindle::tool::part_name;

TEST_CASE("the name of a part is hidden and contains that of its file") {
  auto name = part_name("movie");
  CHECK(name.starts_with(".movie."));
  CHECK(name.ends_with(".spindle-part"));
  CHECK(name.size() == 7 + 32 + 13);
  CHECK(part_name("movie") == name);
  CHECK(part_name("Movie") != name);
  CHECK(part_name("movie", 1) == name + "-1");
}

TEST_CASE("a long name is shortened") {
  std::string name(255, 'n');
  auto other = name;
  other.back() = 'm';
  CHECK(part_name(name).size() <= 130);
  CHECK(part_name(name, 9).size() <= 130);
  CHECK(part_name(name) != part_name(other));
}

TEST_CASE("a name is not cut within a character") {
  // Characters of two bytes, so that the limit is within one.
  std::string name = "x";
  for (int i = 0; i < 100; ++i)
    name += "\xc3\xa9";
  auto shown = part_name(name);
  shown.resize(shown.find('.', 1));
  CHECK(shown.size() == 1 + 79);
  CHECK(shown.ends_with("\xc3\xa9"));
  // For a name that is not UTF-8, only the hash remains.
  CHECK(part_name(std::string(200, '\x80')).starts_with(".."));
}
