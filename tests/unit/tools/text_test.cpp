#include "text/base64.hpp"
#include "text/rfc3339.hpp"

#include "catch.hpp"

#include <random>
#include <vector>

using namespace spindle;
using namespace spindle::tool;
using namespace std::literals;

TEST_CASE("base64 passes the test vectors of RFC 4648") {
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

TEST_CASE("any bytes survive base64") {
  std::mt19937 random{4711};
  for (size_t size = 0; size < 200; ++size) {
    std::string bytes(size, '\0');
    for (auto& c : bytes)
      c = static_cast<char>(random());
    CAPTURE(size);
    CHECK(from_base64(to_base64(bytes)) == bytes);
  }
}

TEST_CASE("non-canonical base64 is refused") {
  auto text
    = GENERATE("Zg"s, "Zg="s, "Zg==="s, "Z==="s, "===="s, "Zh=="s, "Zm9="s,
               "Zm9v\n"s, " Zm9v"s, "Zm-v"s, "Zg==Zg=="s, "Zm9\0"s, "Zm9\xff"s);
  CAPTURE(text);
  CHECK(!from_base64(text));
}

TEST_CASE("times are written with the shortest exact fraction") {
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

TEST_CASE("invalid times are refused") {
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
