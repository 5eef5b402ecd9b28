#include "kit.hpp"

#include <sstream>

using namespace std::literals;
using kit::bad;
using kit::good;

namespace {

const auto count = "expected a whole number from 1 to 9223372036854775807"s;
const auto size = "expected a size from 1B to 1024TiB, such as \"0.69MiB\" "
                  "(units B, kB, MB, GB, TB, KiB, MiB, GiB, TiB, or K, M, G, T "
                  "for the latter), or a number of bytes"s;
const auto rate = "expected a rate from 1B/s to 1024TiB/s, such as "
                  "\"20MiB/s\" (a size with or without /s), a number of bytes "
                  "per second, or \"unlimited\""s;
const auto duration = " to 1000000000s, such as \"2.4ms\" (units ns, us, ms, "
                      "s, min, h), or a number of milliseconds"s;
const auto wait = "expected a duration from 0s" + duration;
const auto span = "expected a duration from 1ns" + duration;

/// Returns the mistake in a setting of the queue in the second line.
std::string queue_mistake(const std::string& line) {
  return bad("[queue]\n" + line);
}

std::string profile_mistake(const std::string& line) {
  return bad("[profiles.7]\n" + line);
}

} // namespace

// -- values -------------------------------------------------------------------

TEST_CASE("an invalid count is explained") {
  auto [value, found]
    = GENERATE(Catch::Generators::table<std::string, std::string>(
      {{"0", "0"},
       {"-1", "-1"},
       {"1.0", "1"},
       {"\"5\"", "\"5\""},
       {"true", "true"},
       {"[5]", "an array"},
       {"{}", "a table"},
       {"1979-05-27", "a date"},
       {"07:32:00", "a time"},
       {"1979-05-27T07:32:00Z", "a date and time"}}));
  CHECK(queue_mistake("max_pending_ops = " + value)
        == "x.toml:2:19: queue.max_pending_ops: " + count + "; found " + found
             + '\n');
}

TEST_CASE("an invalid depth is explained") {
  for (auto value : {"0", "-1", "4097", "9223372036854775807", "true"})
    CHECK(queue_mistake("depth = "s + value)
          == "x.toml:2:9: queue.depth: expected a whole number from 1 to 4096; "
             "found "s
               + value + '\n');
}

TEST_CASE("an invalid engine is explained") {
  auto [value, found]
    = GENERATE(Catch::Generators::table<std::string, std::string>(
      {{"'automatic'", "\"automatic\""},
       {"'Ring'", "\"Ring\""},
       {"''", "\"\""},
       {"4", "4"},
       {"false", "false"}}));
  CHECK(queue_mistake("engine = " + value)
        == "x.toml:2:10: queue.engine: expected \"auto\", \"ring\", "
           "\"threads\" or \"plain\"; found "
             + found + '\n');
}

TEST_CASE("an invalid size is explained") {
  auto [value, found]
    = GENERATE(Catch::Generators::table<std::string, std::string>(
      {{"0", "0"},
       {"-1", "-1"},
       {"-0.5", "-0.5"},
       {"nan", "nan"},
       {"inf", "inf"},
       {"-inf", "-inf"},
       {"1e300", "1e+300"},
       {"9223372036854775807", "9223372036854775807"},
       {"'0MiB'", "\"0MiB\""},
       {"'0.4B'", "\"0.4B\""},
       {"'12 parsecs'", "\"12 parsecs\""},
       {"'5'", "\"5\""},
       {"'1025TiB'", "\"1025TiB\""},
       {"'5MiB/s'", "\"5MiB/s\""},
       {"false", "false"}}));
  CHECK(profile_mistake("chunk_size = " + value)
        == "x.toml:2:14: profiles.7.chunk_size: " + size + "; found " + found
             + '\n');
}

TEST_CASE("an invalid rate is explained") {
  auto [value, found]
    = GENERATE(Catch::Generators::table<std::string, std::string>(
      {{"0", "0"},
       {"'0MiB/s'", "\"0MiB/s\""},
       {"'20Mb/s'", "\"20Mb/s\""},
       {"'Unlimited'", "\"Unlimited\""},
       {"inf", "inf"},
       {"true", "true"}}));
  CHECK(profile_mistake("max_rate = " + value)
        == "x.toml:2:12: profiles.7.max_rate: " + rate + "; found " + found
             + '\n');
}

TEST_CASE("an invalid duration is explained") {
  CHECK(profile_mistake("chain_wait = -1")
        == "x.toml:2:14: profiles.7.chain_wait: " + wait + "; found -1\n");
  CHECK(profile_mistake("chain_wait = '1 fortnight'")
        == "x.toml:2:14: profiles.7.chain_wait: " + wait
             + "; found \"1 fortnight\"\n");
  CHECK(profile_mistake("chain_wait = 1e13")
        == "x.toml:2:14: profiles.7.chain_wait: " + wait + "; found 1e+13\n");
  CHECK(queue_mistake("turn_quantum = 0")
        == "x.toml:2:16: queue.turn_quantum: " + span + "; found 0\n");
  CHECK(queue_mistake("turn_quantum = '0.1ns'")
        == "x.toml:2:16: queue.turn_quantum: " + span + "; found \"0.1ns\"\n");
}

TEST_CASE("an invalid latency goal is explained") {
  auto [value, found] = GENERATE(
    Catch::Generators::table<std::string, std::string>({{"0", "0"},
                                                        {"-1", "-1"},
                                                        {"'0ms'", "\"0ms\""},
                                                        {"'soon'", "\"soon\""},
                                                        {"'None'", "\"None\""},
                                                        {"false", "false"}}));
  CHECK(profile_mistake("latency_goal = " + value)
        == "x.toml:2:16: profiles.7.latency_goal: " + span
             + ", or \"none\"; found " + found + '\n');
}

TEST_CASE("other invalid values are explained") {
  auto percentage = "x.toml:2:17: profiles.7.bandwidth_pct: expected a number "
                    "greater than 0 and at most 100; found "s;
  CHECK(profile_mistake("bandwidth_pct = 0") == percentage + "0\n");
  CHECK(profile_mistake("bandwidth_pct = 100.5") == percentage + "100.5\n");
  CHECK(profile_mistake("bandwidth_pct = nan") == percentage + "nan\n");
  CHECK(profile_mistake("bandwidth_pct = '45%'") == percentage + "\"45%\"\n");
  CHECK(profile_mistake("rate_smoothing = 0")
        == "x.toml:2:18: profiles.7.rate_smoothing: expected a whole number "
           "from 1 to 4294967295; found 0\n");
  CHECK(profile_mistake("rate_smoothing = 4294967296")
        == "x.toml:2:18: profiles.7.rate_smoothing: expected a whole number "
           "from 1 to 4294967295; found 4294967296\n");
  CHECK(profile_mistake("weight = 0")
        == "x.toml:2:10: profiles.7.weight: expected a whole number "
           "from 1 to 4294967295; found 0\n");
  CHECK(profile_mistake("weight = 4294967296")
        == "x.toml:2:10: profiles.7.weight: expected a whole number "
           "from 1 to 4294967295; found 4294967296\n");
  CHECK(profile_mistake("weight = 1.5")
        == "x.toml:2:10: profiles.7.weight: expected a whole number "
           "from 1 to 4294967295; found 1.5\n");
  CHECK(profile_mistake("pacing = 'dutycycle'")
        == "x.toml:2:10: profiles.7.pacing: expected \"duty_cycle\" or "
           "\"relative\"; found \"dutycycle\"\n");
  CHECK(queue_mistake("detach_all = 'yes'")
        == "x.toml:2:14: queue.detach_all: expected true or false; found "
           "\"yes\"\n");
}

TEST_CASE("the value found is shown on one line and shortened") {
  auto found = queue_mistake("detach_all = \"a\\nb\"");
  CHECK(found.ends_with("found \"a\\x0ab\"\n"));
  found = queue_mistake("detach_all = \"" + std::string(1'000, 'x') + '"');
  CHECK(found.ends_with("found \"" + std::string(64, 'x') + "…\"\n"));
}

// -- keys ---------------------------------------------------------------------

TEST_CASE("the message for a misspelt key suggests the right one") {
  CHECK(bad("[qeue]")
        == "x.toml:1:2: qeue: unknown key; did you mean queue?\n");
  CHECK(bad("[profile.7]\nchunk_size = 1")
        == "x.toml:1:2: profile: unknown key; did you mean profiles?\n");
  CHECK(queue_mistake("  max_pendng_ops = 1")
        == "x.toml:2:3: queue.max_pendng_ops: unknown key; did you mean "
           "max_pending_ops?\n");
  CHECK(profile_mistake("Base = '1'")
        == "x.toml:2:1: profiles.7.Base: unknown key; did you mean base?\n");
}

TEST_CASE("the message for an unknown key lists all keys") {
  CHECK(bad("gateway = 1")
        == "x.toml:1:1: gateway: unknown key; expected one of queue, "
           "profiles, listen, volumes, limits, node\n");
  CHECK(profile_mistake("colour = 'red'")
        == "x.toml:2:1: profiles.7.colour: unknown key; expected one of base, "
           "chunk_size, bandwidth_pct, max_rate, chain_wait, rate_smoothing, "
           "pacing, weight, latency_goal\n");
  CHECK(queue_mistake("\"a b\\n\" = 1")
          .starts_with("x.toml:2:1: queue.\"a b\\x0a\": unknown key; "));
  CHECK(profile_mistake("disk = 1").starts_with("x.toml:2:1: "));
}

TEST_CASE("sections must be tables") {
  CHECK(bad("queue = 5") == "x.toml:1:9: queue: expected a table; found 5\n");
  CHECK(bad("[[profiles]]")
        == "x.toml:1:1: profiles: expected a table; found an array\n");
  CHECK(bad("[profiles]\n7 = 'fast'")
        == "x.toml:2:5: profiles.7: expected a table; found \"fast\"\n");
}

TEST_CASE("names of profiles have few allowed characters") {
  auto expected = "expected a name of up to 64 letters, digits, \"-\" and "
                  "\"_\"\n"s;
  CHECK(bad("[profiles.'a b']")
        == "x.toml:1:11: profiles.\"a b\": " + expected);
  CHECK(bad("[profiles.'']") == "x.toml:1:11: profiles.\"\": " + expected);
  CHECK(bad("[profiles.'ä']") == "x.toml:1:11: profiles.\"ä\": " + expected);
  auto longest = std::string(64, 'n');
  CHECK(bad("[profiles." + longest + ']').empty());
  CHECK(bad("[profiles.n" + longest + ']')
        == "x.toml:1:11: profiles.\"" + longest + "…\": " + expected);
}

TEST_CASE("columns count characters") {
  CHECK(bad("profiles = { 'ää' = {}, 7 = 5 }").find("\nx.toml:1:29: ")
        != std::string::npos);
}

// -- bases --------------------------------------------------------------------

TEST_CASE("a base must exist") {
  CHECK(bad("[profiles.nightly]\n[profiles.a]\nbase = 'nigthly'")
        == "x.toml:3:8: profiles.a.base: expected the name of a profile, such "
           "as \"nightly\"; found \"nigthly\"\n");
  CHECK(profile_mistake("base = 'something else'")
        == "x.toml:2:8: profiles.7.base: expected the name of a profile; "
           "found \"something else\"\n");
  CHECK(profile_mistake("base = 10")
        == "x.toml:2:8: profiles.7.base: expected the name of a profile; "
           "found 10\n");
}

TEST_CASE("a base may have mistakes itself") {
  CHECK(bad("[profiles]\na = 5\nb = {base = 'a'}")
        == "x.toml:2:5: profiles.a: expected a table; found 5\n");
  CHECK(bad("[profiles.'a b']\n[profiles.c]\nbase = 'a b'").find("base")
        == std::string::npos);
}

TEST_CASE("profiles must not be based on each other in a circle") {
  CHECK(profile_mistake("base = '7'")
        == "x.toml:2:8: profiles.7.base: expected a profile that is not based "
           "on this one itself (7 is based on 7); found \"7\"\n");
  CHECK(bad("[profiles.b]\nbase = 'c'\n[profiles.c]\nbase = 'a'\n"
            "[profiles.a]\nbase = 'b'\n[profiles.d]\nbase = 'b'\n")
        == "x.toml:2:8: profiles.b.base: expected a profile that is not based "
           "on this one itself (a is based on b, b is based on c, c is based "
           "on a); found \"c\"\n");
  CHECK(bad("[profiles.mine]\n[profiles.4]\nbase = 'mine'\n")
        == "x.toml:3:8: profiles.4.base: expected a profile that is not based "
           "on this one itself (4 is based on mine, mine is based on 4); "
           "found \"mine\"\n");
}

TEST_CASE("each circle of bases is one mistake") {
  auto found = bad("[profiles.a]\nbase = 'b'\n[profiles.b]\nbase = 'a'\n"
                   "[profiles.c]\nbase = 'd'\n[profiles.d]\nbase = 'c'\n"
                   "[profiles.e]\nbase = 'd'\n");
  CHECK(std::count(found.begin(), found.end(), '\n') == 2);
}

TEST_CASE("a very long circle is shortened in the message") {
  constexpr int count = 30'000;
  std::string text;
  for (int i = 0; i < count; ++i)
    text += "[profiles.p" + std::to_string(i) + "]\nbase = \"p"
          + std::to_string((i + 1) % count) + "\"\n";
  auto found = bad(text);
  CHECK(found.size() < 400);
  CHECK(found.starts_with("x.toml:2:8: profiles.p0.base: "));
}

// -- all at once --------------------------------------------------------------

TEST_CASE("all mistakes of a file are reported in order") {
  auto found = bad("[profiles.b]\n"
                   "base = 'nothing'\n"
                   "chunk_size = 0\n"
                   "[surprise]\n"
                   "[queue]\n"
                   "ops_per_turn = 0\n"
                   "ops_per_trun = 1\n"
                   "turn_quantum = 'soon'\n"
                   "[profiles.a]\n"
                   "base = 'b'\n"
                   "pacing = 3\n"
                   "bandwidth_pct = 101\n"
                   "[profiles.c]\n"
                   "base = 'c'\n"
                   "max_rate = 0\n");
  std::istringstream lines{found};
  std::string line;
  for (auto start :
       {"2:8: profiles.b.base:", "3:14: profiles.b.chunk_size:",
        "4:2: surprise:", "6:16: queue.ops_per_turn:",
        "7:1: queue.ops_per_trun:", "8:16: queue.turn_quantum:",
        "11:10: profiles.a.pacing:", "12:17: profiles.a.bandwidth_pct:",
        "14:8: profiles.c.base:", "15:12: profiles.c.max_rate:"}) {
    REQUIRE(std::getline(lines, line));
    CHECK(line.starts_with("x.toml:"s + start));
  }
  CHECK(!std::getline(lines, line));
}

TEST_CASE("mistakes have the format of compiler messages") {
  CHECK(to_string(spindle::config::mistake{"f", 3, 4, "m"}) == "f:3:4: m");
  CHECK(to_string(spindle::config::mistake{"f", 0, 0, "m"}) == "f: m");
  CHECK(to_string(spindle::config::mistakes{{"f", 3, 4, "m"}, {"f", 5, 6, "n"}})
        == "f:3:4: m\nf:5:6: n\n");
}

// -- invalid TOML -------------------------------------------------------------

TEST_CASE("a syntax error has a position") {
  auto [text, place]
    = GENERATE(Catch::Generators::table<std::string, std::string>(
      {{"[queue", "1:7"},
       {"[queue]\nops_per_turn = ", "2:16"},
       {"a = 1\na = 2", "2:5"},
       {"[queue]\n[queue]", "2:1"},
       {"x = \"abc", "1:9"},
       {"x = [1,", "1:8"},
       {"x = 99999999999999999999", "1:25"},
       {"\n\nx", "3:2"},
       {"x = \"\\q\"", "1:7"},
       {"a = 1 b = 2", "1:7"},
       {"profiles.7 = 5\nprofiles.7.x = 6", "2:10"},
       {"a = 1\r\nb = =", "2:5"},
       {"x = 1e999", "1:10"}}));
  CAPTURE(text);
  auto found = bad(text);
  CHECK(found.starts_with("x.toml:" + place + ": not TOML: "));
  CHECK(found.find('\n') == found.size() - 1);
}

TEST_CASE("invalid UTF-8 has a position") {
  CHECK(bad("a = \"\xff\"")
        == "x.toml:1:6: expected UTF-8, found the byte "
           "\\xff\n");
  CHECK(bad("# ok\n# ä\xc3(\n")
        == "x.toml:2:4: expected UTF-8, found the byte \\xc3\n");
  CHECK(bad("\xff\xfe[\0q\0"s)
        == "x.toml:1:1: expected UTF-8, found the byte \\xff\n");
}

TEST_CASE("a text that is nested too deep is refused") {
  auto repeated = [](std::string_view x, int n) {
    std::string res;
    for (int i = 0; i < n; ++i)
      res += x;
    return res;
  };
  CHECK(bad("\n[a" + repeated(".a", 200'000) + ']')
        == "x.toml:2:131: expected at most 64 dots in a line\n");
  CHECK(bad("x = " + repeated("[", 200'000)).starts_with("x.toml:1:261: not"));
  CHECK(bad("x = " + repeated("{a=", 200'000)).starts_with("x.toml:1:"));
  // The maximum depth.
  auto key = "a"s + repeated(".a", 64);
  CHECK(bad('[' + key + "]\n" + key + " = [\n"
            + repeated("{" + key + " = [\n", 127) + repeated("]}", 127) + ']')
          .starts_with("x.toml:1:2: a: unknown key"));
}

TEST_CASE("a comment with many dots is accepted") {
  CHECK(good("# " + std::string(1'000, '.')).origins.empty());
}
