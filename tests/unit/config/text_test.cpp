#include "spindle/config/nearest.hpp"
#include "spindle/config/utf8.hpp"

#include "catch.hpp"

#include <string>
#include <vector>

using namespace spindle::config;
using namespace std::literals;

TEST_CASE("well-formed UTF-8 is distinguished from other bytes") {
  for (const auto& text :
       {""s, "a\0b"s, "\x7f"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s,
        "\xed\x9f\xbf"s, "\xee\x80\x80"s, "\xef\xbf\xbf"s, "\xf0\x90\x80\x80"s,
        "\xf4\x8f\xbf\xbf"s})
    CHECK(is_utf8(text));
  for (const auto& bytes :
       {"\x80"s, "\xbf"s, "\xc0\x80"s, "\xc1\xbf"s, "\xc2"s, "\xc2\x41"s,
        "\xe0\x9f\xbf"s, "\xe1\x80"s, "\xed\xa0\x80"s, "\xed\xbf\xbf"s,
        "\xf0\x8f\xbf\xbf"s, "\xf1\x80\x80"s, "\xf4\x90\x80\x80"s, "\xf5"s,
        "\xff"s, "a\xff"s})
    CHECK(!is_utf8(bytes));
}

TEST_CASE("the length of the text before malformed UTF-8 is found") {
  CHECK(utf8_prefix("") == 0);
  CHECK(utf8_prefix("aä\xff") == 3);
  CHECK(utf8_prefix("ä\xc3") == 2);
}

TEST_CASE("texts are abridged between characters") {
  CHECK(abridged("abc", 3) == "abc");
  CHECK(abridged("abcd", 3) == "abc…");
  CHECK(abridged("aäää", 2) == "a…");
  CHECK(abridged("aäää", 3) == "aä…");
  CHECK(abridged("ä", 0) == "…");
  // What is not UTF-8 is cut all the same.
  CHECK(abridged(std::string(9, '\x80'), 5) == std::string(5, '\x80') + "…");
}

TEST_CASE("control characters and invalid bytes are escaped") {
  CHECK(printable("x ä€😀\"") == "x ä€😀\"");
  CHECK(printable("a\nb\x1b[m\x7f"s) == "a\\x0ab\\x1b[m\\x7f");
  CHECK(printable("\0"s) == "\\x00");
  CHECK(printable("\xc2\x9b|\xc2\xa0") == "\\xc2\\x9b|\xc2\xa0");
  CHECK(printable("ä\xff\xc3") == "ä\\xff\\xc3");
}

TEST_CASE("the nearest word is found, if any is near enough") {
  std::vector<std::string> words{"path", "target", "durability"};
  CHECK(nearest("pth", words) == "path");
  CHECK(nearest("Path", words) == "path");
  CHECK(nearest("targte", words) == "target");
  CHECK(nearest("durabilty", words) == "durability");
  CHECK(!nearest("length", words));
  CHECK(!nearest(std::string(100'000, 'x'), words));
  CHECK(!nearest("path", {}));
}
