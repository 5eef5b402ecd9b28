#include "base64.hpp"
#include "nearest.hpp"
#include "rfc3339.hpp"
#include "utf8.hpp"

#include "catch.hpp"

#include <random>
#include <vector>

using namespace spindle;
using namespace spindle::tool;
using namespace std::literals;

TEST_CASE("base64 has the test vectors of its RFC") {
  std::vector<std::pair<std::string, std::string>> vectors{
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    CHECK(to_base64(bytes) == text);
    CHECK(from_base64(text) == bytes);
  }
}

TEST_CASE("base64 takes any bytes there and back") {
  std::mt19937 random{4711};
  for (size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    for (auto& c : bytes)
      c = static_cast<char>(random());
    CAPTURE(size);
    CHECK(from_base64(to_base64(bytes)) == bytes);
  }
}

TEST_CASE("base64 that its encoder would not write is refused") {
  auto text
    = GENERATE("Zg"s, "Zg="s, "Zg==="s, "Z==="s, "===="s, "Zh=="s, "Zm9="s,
               "Zm9v\n"s, " Zm9v"s, "Zm-v"s, "Zg==Zg=="s, "Zm9\0"s, "Zm9\xff"s);
  CAPTURE(text);
  CHECK(!from_base64(text));
}

TEST_CASE("well-formed UTF-8 is told from other bytes") {
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

TEST_CASE("texts are abridged between characters") {
  CHECK(abridged("abc", 3) == "abc");
  CHECK(abridged("abcd", 3) == "abc…");
  CHECK(abridged("aäää", 2) == "a…");
  CHECK(abridged("aäää", 3) == "aä…");
}

TEST_CASE("times are written as short as they are exact") {
  auto at
    = [](int64_t nanos) { return file_time{std::chrono::nanoseconds{nanos}}; };
  CHECK(to_rfc3339(at(0)) == "1970-01-01T00:00:00Z");
  CHECK(to_rfc3339(at(-1)) == "1969-12-31T23:59:59.999999999Z");
  CHECK(to_rfc3339(at(1'709'208'000'500'000'000)) == "2024-02-29T12:00:00.5Z");
  CHECK(to_rfc3339(at(INT64_MAX)) == "2262-04-11T23:47:16.854775807Z");
  CHECK(to_rfc3339(at(INT64_MIN)) == "1677-09-21T00:12:43.145224192Z");
}

TEST_CASE("times are read with offset and fraction") {
  auto nanos = [](std::string_view text) {
    auto res = from_rfc3339(text);
    REQUIRE(res);
    return res->time_since_epoch().count();
  };
  CHECK(nanos("1970-01-01T00:00:00Z") == 0);
  CHECK(nanos("1970-01-01t01:00:00.000000001+01:00") == 1);
  CHECK(nanos("1969-12-31 23:30:00.25-00:30") == 250'000'000);
  CHECK(nanos("2024-02-29T12:00:00Z") == 1'709'208'000'000'000'000);
  CHECK(nanos("1969-12-31T23:59:59.999999999Z") == -1);
}

TEST_CASE("what is no time is refused") {
  auto text = GENERATE(
    ""s, "2024-02-29"s, "2024-02-29T12:00:00"s, "2023-02-29T12:00:00Z"s,
    "2024-13-01T12:00:00Z"s, "2024-00-01T12:00:00Z"s, "2024-01-01T24:00:00Z"s,
    "2024-01-01T12:60:00Z"s, "2024-01-01T12:00:60Z"s, "2024-1-01T12:00:00Z"s,
    "2024-01-01T12:00:00.Z"s, "2024-01-01T12:00:00.1234567890Z"s,
    "2024-01-01T12:00:00+24:00"s, "2024-01-01T12:00:00+0100"s,
    "2024-01-01T12:00:00Zx"s, "1600-01-01T00:00:00Z"s, "9999-01-01T00:00:00Z"s,
    "+024-01-01T12:00:00Z"s);
  CAPTURE(text);
  CHECK(!from_rfc3339(text));
}

TEST_CASE("misspelt words have a nearest one, if any is near") {
  std::vector<std::string> words{"path", "target", "durability"};
  CHECK(nearest("pth", words) == "path");
  CHECK(nearest("Path", words) == "path");
  CHECK(nearest("targte", words) == "target");
  CHECK(nearest("durabilty", words) == "durability");
  CHECK(!nearest("length", words));
  CHECK(!nearest(std::string(100'000, 'x'), words));
  CHECK(!nearest("path", {}));
}
