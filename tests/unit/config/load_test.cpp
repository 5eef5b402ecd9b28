#include "kit.hpp"

#include "temp_dir.hpp"

#include <algorithm>
#include <fstream>
#include <random>

#include <sys/stat.h>

using namespace spindle::config;
using namespace std::literals;
using kit::good;

namespace {

spindle::profile profile_of(std::string_view text, std::string_view name) {
  auto res = good(text);
  auto* found = spindle::find_profile(res.queue.profiles, name);
  REQUIRE(found);
  return *found;
}

spindle::profile built_in(std::string_view name) {
  return *spindle::find_profile(spindle::built_in_profiles(), name);
}

void write_file(const std::string& path, std::string_view text) {
  std::ofstream{path, std::ios::binary} << text;
}

/// Returns the mistake that loading a file reports.
std::string failure_of(const std::string& path) {
  auto res = load_file(path);
  REQUIRE(!res);
  REQUIRE(res.error().size() == 1);
  return to_string(res.error()[0]);
}

} // namespace

// -- values -------------------------------------------------------------------

TEST_CASE("an empty text changes nothing") {
  for (auto text : {"", "\n# nothing\n", "[queue]\n[profiles]\n[profiles.7]"}) {
    auto res = good(text);
    CHECK(kit::same(res.queue, spindle::settings{}));
    CHECK(res.queue.profiles == spindle::built_in_profiles());
    CHECK(res.origins.empty());
    CHECK(res.file == "x.toml");
  }
}

TEST_CASE("all settings of the queue can be set") {
  auto queue = good("[queue]\n"
                    "max_pending_ops = 11\n"
                    "max_pending_bytes = \"12MiB\"\n"
                    "max_oplist_length = 13\n"
                    "max_oplist_depth = 14\n"
                    "ops_per_turn = 15\n"
                    "bytes_per_turn = \"16kB\"\n"
                    "turn_quantum = \"17us\"\n"
                    "depth = 23\n"
                    "engine = \"threads\"\n"
                    "max_read_bytes = 18\n"
                    "max_listed_entries = 19\n"
                    "max_writers = 20\n"
                    "max_buffered_bytes = \"21kB\"\n"
                    "max_remembered_writers = 22\n"
                    "detach_all = true\n")
                 .queue;
  CHECK(queue.max_pending_ops == 11);
  CHECK(queue.max_pending_bytes == 12 << 20);
  CHECK(queue.max_oplist_length == 13);
  CHECK(queue.max_oplist_depth == 14);
  CHECK(queue.ops_per_turn == 15);
  CHECK(queue.bytes_per_turn == 16'000);
  CHECK(queue.turn_quantum == 17us);
  CHECK(queue.depth == 23);
  CHECK(queue.engine == spindle::engine_choice::threads);
  CHECK(queue.max_read_bytes == 18);
  CHECK(queue.max_listed_entries == 19);
  CHECK(queue.max_writers == 20);
  CHECK(queue.max_buffered_bytes == 21'000);
  CHECK(queue.max_remembered_writers == 22);
  CHECK(queue.detach_all);
  CHECK(!queue.disk);
}

TEST_CASE("each engine can be chosen") {
  using spindle::engine_choice;
  for (auto x : {engine_choice::automatic, engine_choice::ring,
                 engine_choice::threads, engine_choice::plain}) {
    auto text = "[queue]\nengine = \"" + to_string(x) + "\"\n";
    CHECK(good(text).queue.engine == x);
  }
}

TEST_CASE("all fields of a profile can be set") {
  auto found = profile_of("[profiles.mine]\n"
                          "chain_wait = \"3ms\"\n"
                          "chunk_size = \"64KiB\"\n"
                          "bandwidth_pct = 12.5\n"
                          "rate_smoothing = 9\n"
                          "max_rate = \"20MB/s\"\n"
                          "pacing = \"relative\"\n"
                          "weight = 3\n"
                          "latency_goal = \"2ms\"\n",
                          "mine");
  CHECK(found
        == spindle::profile{.name = "mine",
                            .chain_wait = 3ms,
                            .chunk_size = 65'536,
                            .bandwidth_pct = 12.5,
                            .rate_smoothing = 9,
                            .max_rate = 20'000'000,
                            .pacing = spindle::pacing::relative,
                            .weight = 3,
                            .latency_goal = 2ms});
}

TEST_CASE("numbers without units are in the documented units") {
  auto res = good("[queue]\nturn_quantum = 2.5\nbytes_per_turn = 1.5e3\n"
                  "[profiles.1]\nchain_wait = 3\nmax_rate = 1000\n"
                  "bandwidth_pct = 100\nchunk_size = 0x1000\n");
  CHECK(res.queue.turn_quantum == 2'500us);
  CHECK(res.queue.bytes_per_turn == 1'500);
  CHECK(res.queue.profiles[0].chain_wait == 3ms);
  CHECK(res.queue.profiles[0].max_rate == 1'000);
  CHECK(res.queue.profiles[0].bandwidth_pct == 100);
  CHECK(res.queue.profiles[0].chunk_size == 4'096);
}

TEST_CASE("minimum and maximum values are accepted") {
  auto res = good("[queue]\nmax_pending_ops = 9223372036854775807\n"
                  "max_pending_bytes = \"1024TiB\"\nops_per_turn = 1\n"
                  "turn_quantum = \"1ns\"\nmax_read_bytes = \"1B\"\n"
                  "depth = 4096\n"
                  "[profiles.1]\nchain_wait = 0\nrate_smoothing = 4294967295\n"
                  "bandwidth_pct = 1e-9\nweight = 4294967295\n"
                  "[profiles.2]\nweight = 1\n");
  CHECK(res.queue.max_pending_ops == INT64_MAX);
  CHECK(res.queue.max_pending_bytes == uint64_t{1} << 50);
  CHECK(res.queue.turn_quantum == 1ns);
  CHECK(res.queue.max_read_bytes == 1);
  CHECK(res.queue.depth == spindle::settings::max_depth);
  CHECK(good("[queue]\ndepth = 1\n").queue.depth == 1);
  CHECK(res.queue.profiles[0].chain_wait == 0ns);
  CHECK(res.queue.profiles[0].rate_smoothing == UINT32_MAX);
  CHECK(res.queue.profiles[0].bandwidth_pct == 1e-9);
  CHECK(res.queue.profiles[0].weight == UINT32_MAX);
  CHECK(res.queue.profiles[1].weight == 1);
}

TEST_CASE("all ways to write a table in TOML are equivalent") {
  auto expected = profile_of("[profiles.7]\nbandwidth_pct = 50", "7");
  CHECK(expected.bandwidth_pct == 50);
  std::string in_section
    = "[profiles]\n[profiles.\"7\"]\n\"bandwidth_pct\" = 50.0";
  for (const auto& text :
       {"profiles.7.bandwidth_pct = 50"s, "[profiles]\n7.bandwidth_pct = 50"s,
        "[profiles]\n7 = {bandwidth_pct = 50}"s, in_section,
        "\xef\xbb\xbf[profiles.7]\r\nbandwidth_pct = 50\r\n"s})
    CHECK(profile_of(text, "7") == expected);
}

// -- profiles -----------------------------------------------------------------

TEST_CASE("a built-in profile keeps the values that the file does not set") {
  auto expected = built_in("7");
  expected.bandwidth_pct = 50;
  CHECK(profile_of("[profiles.7]\nbandwidth_pct = 50", "7") == expected);
}

TEST_CASE("a built-in profile may be based on another") {
  auto expected = built_in("10");
  expected.name = "7";
  expected.bandwidth_pct = 50;
  CHECK(profile_of("[profiles.7]\nbase = \"10\"\nbandwidth_pct = 50", "7")
        == expected);
}

TEST_CASE("a new profile is based on the one that it names") {
  auto expected = built_in("10");
  expected.name = "nightly";
  CHECK(profile_of("[profiles.nightly]\nbase = \"10\"", "nightly") == expected);
}

TEST_CASE("a new profile without base is based on the default profile") {
  auto expected = built_in("4");
  expected.name = "mine";
  CHECK(profile_of("[profiles.mine]", "mine") == expected);
  expected.chain_wait = 1s;
  CHECK(profile_of("[profiles.mine]\n[profiles.4]\nchain_wait = \"1s\"", "mine")
        == expected);
}

TEST_CASE("an inherited rate limit can be removed") {
  auto text = "[profiles.slow]\nmax_rate = \"1MB/s\"\n"
              "[profiles.a]\nbase = \"slow\"\n"
              "[profiles.b]\nbase = \"slow\"\nmax_rate = \"unlimited\"\n";
  CHECK(profile_of(text, "a").max_rate == 1'000'000);
  CHECK(!profile_of(text, "b").max_rate);
}

TEST_CASE("an inherited latency goal can be changed and removed") {
  auto text = "[profiles.a]\nbase = \"10\"\n"
              "[profiles.b]\nbase = \"a\"\nlatency_goal = 2.5\n"
              "[profiles.c]\nbase = \"b\"\nlatency_goal = \"none\"\n"
              "[profiles.d]\n";
  CHECK(profile_of(text, "a").latency_goal == 4ms);
  CHECK(profile_of(text, "b").latency_goal == 2'500us);
  CHECK(!profile_of(text, "c").latency_goal);
  CHECK(!profile_of(text, "d").latency_goal);
}

TEST_CASE("a weight is inherited, and 1 unless given") {
  auto text = "[profiles.heavy]\nweight = 5\n"
              "[profiles.a]\nbase = \"heavy\"\n"
              "[profiles.b]\nbase = \"heavy\"\nweight = 2\n"
              "[profiles.c]\n";
  CHECK(profile_of(text, "a").weight == 5);
  CHECK(profile_of(text, "b").weight == 2);
  CHECK(profile_of(text, "c").weight == 1);
}

TEST_CASE(
  "new profiles come after the built-in ones, in the order of the file") {
  auto res = good("[profiles.z]\n[profiles.2]\n[profiles.a]\n[profiles.m]\n");
  REQUIRE(res.queue.profiles.size() == 13);
  CHECK(res.queue.profiles[1].name == "2");
  CHECK(res.queue.profiles[10].name == "z");
  CHECK(res.queue.profiles[11].name == "a");
  CHECK(res.queue.profiles[12].name == "m");
}

TEST_CASE("the order of profiles in the file does not matter") {
  std::vector<std::string> sections{
    "[profiles.4]\nbase = \"a\"\nrate_smoothing = 6\n",
    "[profiles.a]\nbase = \"9\"\nbandwidth_pct = 1\n",
    "[profiles.9]\nchunk_size = \"1kB\"\nbandwidth_pct = 2\n",
    "[profiles.b]\nchain_wait = \"1s\"\n",
    "[profiles.c]\nbase = \"b\"\nrate_smoothing = 7\n"};
  std::mt19937 random{4711};
  for (int i = 0; i < 50; ++i) {
    std::shuffle(sections.begin(), sections.end(), random);
    std::string text;
    for (const auto& section : sections)
      text += section;
    CAPTURE(text);
    auto found = profile_of(text, "c");
    CHECK(found.chunk_size == 1'000);
    CHECK(found.bandwidth_pct == 1);
    CHECK(found.chain_wait == 1s);
    CHECK(found.rate_smoothing == 7);
    CHECK(profile_of(text, "b").rate_smoothing == 6);
  }
}

TEST_CASE("a long chain of bases is resolved") {
  constexpr int count = 20'000;
  std::string text;
  for (int i = count; i > 0; --i)
    text += "[profiles.p" + std::to_string(i) + "]\nbase = \"p"
          + std::to_string(i - 1) + "\"\n";
  text += "[profiles.p0]\nbandwidth_pct = 3\n";
  CHECK(profile_of(text, "p" + std::to_string(count)).bandwidth_pct == 3);
}

TEST_CASE("every loaded profile is valid for writers") {
  for (const auto& x : good("[profiles.1]\nbandwidth_pct = 1e-300\n"
                            "[profiles.x]\nchunk_size = \"1024TiB\"\n"
                            "chain_wait = 0\nmax_rate = \"1B/s\"\n")
                         .queue.profiles)
    CHECK(!spindle::defect_of(x));
}

// -- origins ------------------------------------------------------------------

TEST_CASE("each value has its origin") {
  auto res = good("[queue]\n"
                  "ops_per_turn = 5\n"
                  "[profiles.mine]\n"
                  "base = \"10\"\n"
                  "max_rate = 1\n"
                  "[profiles.10]\n"
                  "chunk_size = 4096\n"
                  "[profiles.ours]\n"
                  "base = \"mine\"\n");
  auto origin
    = [&](std::string_view key) { return to_string(res.origin_of(key)); };
  CHECK(origin("queue.ops_per_turn") == "x.toml:2");
  CHECK(origin("queue.detach_all") == "built-in");
  CHECK(origin("profiles.mine.max_rate") == "x.toml:5");
  CHECK(origin("profiles.mine.chunk_size") == "x.toml:7");
  CHECK(origin("profiles.mine.pacing") == "built-in profile 10");
  CHECK(origin("profiles.10.chunk_size") == "x.toml:7");
  CHECK(origin("profiles.10.pacing") == "built-in");
  CHECK(origin("profiles.ours.max_rate") == "x.toml:5");
  CHECK(origin("profiles.ours.chunk_size") == "x.toml:7");
  CHECK(origin("profiles.ours.pacing") == "built-in profile 10");
  CHECK(origin("profiles.3.pacing") == "built-in");
}

// -- files --------------------------------------------------------------------

TEST_CASE("a file is loaded") {
  kit::temp_dir dir;
  auto path = dir / "x.toml";
  write_file(path, "[queue]\nops_per_turn = 5\n");
  auto res = load_file(path);
  REQUIRE(res);
  CHECK(res->queue.ops_per_turn == 5);
  CHECK(res->file == path);
  CHECK(to_string(res->origin_of("queue.ops_per_turn")) == path + ":2");
}

TEST_CASE("a file that cannot be read is a mistake") {
  kit::temp_dir dir;
  CHECK(failure_of(dir / "x")
        == dir / "x" + ": cannot be read: No such file or directory");
  CHECK(failure_of(dir.path())
        == dir.path() + ": cannot be read: Is a directory");
  CHECK(failure_of("") == ": cannot be read: No such file or directory");
}

TEST_CASE("a file that is too large is a mistake, and is not read completely") {
  auto expected = ": expected at most 1MiB of text, found more"s;
  kit::temp_dir dir;
  auto path = dir / "x.toml";
  write_file(path, std::string(10 << 20, '\n'));
  CHECK(failure_of(path) == path + expected);
  CHECK(failure_of("/dev/zero") == "/dev/zero" + expected);
  write_file(path, std::string(1 << 20, '\n'));
  CHECK(load_file(path));
  write_file(path, std::string((1 << 20) + 1, '\n'));
  CHECK(failure_of(path) == path + expected);
}

TEST_CASE("mistakes in a file name the file") {
  kit::temp_dir dir;
  auto path = dir / "x.toml";
  write_file(path, "\nqeue = 1");
  CHECK(failure_of(path)
        == path + ":2:1: qeue: unknown key; did you mean queue?");
}
