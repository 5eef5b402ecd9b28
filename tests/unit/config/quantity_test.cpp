#include "spindle/config/quantity.hpp"

#include "catch.hpp"

#include <limits>
#include <random>

using namespace spindle::config;
using namespace std::literals;

TEST_CASE("durations have units") {
  CHECK(duration_of("2.4ms") == 2'400us);
  CHECK(duration_of("0.9ms") == 900us);
  CHECK(duration_of("10 ms") == 10ms);
  CHECK(duration_of("7ns") == 7ns);
  CHECK(duration_of("7us") == 7us);
  CHECK(duration_of("7µs") == 7us);
  CHECK(duration_of("1.5s") == 1'500ms);
  CHECK(duration_of("2min") == 2min);
  CHECK(duration_of("0.5h") == 30min);
  CHECK(duration_of("0s") == 0s);
  CHECK(duration_of("1e3us") == 1ms);
  CHECK(duration_of("0.6ns") == 1ns);
  CHECK(duration_of("1000000000s") == max_duration);
}

TEST_CASE("invalid durations are refused") {
  auto text
    = GENERATE(""s, "5"s, "ms"s, "-1ms"s, "+1ms"s, " 1ms"s, "1ms "s, "1  ms"s,
               "1MS"s, "1m"s, "1sec"s, "infs"s, "nanms"s, "inf"s, ".5ms"s,
               "1,5ms"s, "0x1ms"s, "1_000ms"s, "1000000000.1s"s, "1e4000s"s,
               "1000000001s"s, "99999999999999999999ns"s, "1\0ms"s, "1ms\0"s);
  CAPTURE(text);
  CHECK(!duration_of(text));
}

TEST_CASE("durations without a unit are milliseconds") {
  CHECK(duration_of_ms(2.4L) == 2'400us);
  CHECK(duration_of_ms(0) == 0ns);
  CHECK(duration_of_ms(1e12L) == max_duration);
  CHECK(!duration_of_ms(1.1e12L));
  CHECK(!duration_of_ms(-1));
  CHECK(!duration_of_ms(std::numeric_limits<long double>::infinity()));
  CHECK(!duration_of_ms(std::numeric_limits<long double>::quiet_NaN()));
}

TEST_CASE("sizes have binary and decimal units") {
  CHECK(size_of("12B") == 12);
  CHECK(size_of("2kB") == 2'000);
  CHECK(size_of("2KB") == 2'000);
  CHECK(size_of("3MB") == 3'000'000);
  CHECK(size_of("4GB") == 4'000'000'000);
  CHECK(size_of("5TB") == 5'000'000'000'000);
  CHECK(size_of("2KiB") == 2'048);
  CHECK(size_of("0.69MiB") == 723'517);
  CHECK(size_of("1.6 MiB") == 1'677'722);
  CHECK(size_of("4GiB") == uint64_t{4} << 30);
  CHECK(size_of("1TiB") == uint64_t{1} << 40);
  CHECK(size_of("0B") == 0);
  CHECK(size_of("1024TiB") == max_size);
  // As a double, this would be rounded to 2^49.
  CHECK(size_of("562949953421311.0B") == (uint64_t{1} << 49) - 1);
}

TEST_CASE("sizes have short units") {
  CHECK(size_of("20M") == 20 << 20);
  CHECK(size_of("1.5k") == 1'536);
  CHECK(size_of("1 K") == 1'024);
  CHECK(size_of("64Ki") == 64 << 10);
  CHECK(size_of("2m") == 2 << 20);
  CHECK(size_of("3Mi") == 3 << 20);
  CHECK(size_of("4G") == uint64_t{4} << 30);
  CHECK(size_of("4g") == uint64_t{4} << 30);
  CHECK(size_of("4Gi") == uint64_t{4} << 30);
  for (auto text : {"5T", "5t", "5Ti"})
    CHECK(size_of(text) == uint64_t{5} << 40);
  CHECK(size_of("1024T") == max_size);
  CHECK(!size_of("1025T"));
}

TEST_CASE("invalid sizes are refused") {
  auto text
    = GENERATE(""s, "5"s, "MiB"s, "-1MiB"s, "1mib"s, "1Mb"s, "1Mib"s, "1PiB"s,
               "1024.1TiB"s, "1e300TiB"s, "5MiB/s"s, "1e999B"s, "nanB"s);
  CAPTURE(text);
  CHECK(!size_of(text));
}

TEST_CASE("sizes without a unit are bytes") {
  CHECK(size_of_bytes(12) == 12);
  CHECK(size_of_bytes(1.5e6L) == 1'500'000);
  CHECK(!size_of_bytes(-0.5L));
  CHECK(!size_of_bytes(1e16L));
}

TEST_CASE("rates are sizes per second") {
  CHECK(rate_of("20MiB/s") == 20 << 20);
  CHECK(rate_of("1 kB/s") == 1'000);
  CHECK(rate_of("20MiB") == 20 << 20);
  CHECK(rate_of("20M") == 20 << 20);
  CHECK(rate_of("20M/s") == 20 << 20);
  CHECK(rate_of("500k") == 500 << 10);
  CHECK(!rate_of("20"));
  CHECK(!rate_of("20Mb/s"));
  CHECK(!rate_of("20MiB/s/s"));
  CHECK(!rate_of("20MiB/min"));
  CHECK(!rate_of("20MiB /s"));
  CHECK(!rate_of("/s"));
}

TEST_CASE("quantities are shown in readable units") {
  CHECK(shown_duration(2'400us) == "2.4ms");
  CHECK(shown_duration(900us) == "0.9ms");
  CHECK(shown_duration(10ms) == "10ms");
  CHECK(shown_duration(90s) == "90s");
  CHECK(shown_duration(1'234'567ns) == "1234567ns");
  CHECK(shown_duration(0s) == "0ns");
  CHECK(shown_size(723'517) == "0.69MiB");
  CHECK(shown_size(1'677'722) == "1.6MiB");
  CHECK(shown_size(uint64_t{5} << 20) == "5MiB");
  CHECK(shown_size(uint64_t{1} << 16) == "64KiB");
  CHECK(shown_size(20'000'000) == "20MB");
  CHECK(shown_size(723'518) == "723518B");
  CHECK(shown_size(1) == "1B");
  CHECK(shown_size(0) == "0B");
  CHECK(shown_rate(uint64_t{20} << 20) == "20MiB/s");
}

TEST_CASE("shown quantities are parsed to the same value") {
  std::mt19937_64 random{4711};
  for (int i = 0; i < 20'000; ++i) {
    auto size = (random() % max_size) >> (random() % 50);
    CAPTURE(size);
    REQUIRE(size_of(shown_size(size)) == size);
    REQUIRE(rate_of(shown_rate(size)) == size);
    std::chrono::nanoseconds time{static_cast<int64_t>(
      (random() % 1'000'000'000'000'000'000) >> (random() % 60))};
    CAPTURE(time.count());
    REQUIRE(duration_of(shown_duration(time)) == time);
  }
  CHECK(size_of(shown_size(max_size)) == max_size);
  CHECK(duration_of(shown_duration(max_duration)) == max_duration);
}
