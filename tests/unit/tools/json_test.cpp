#include "run/json_decode.hpp"
#include "run/json_request.hpp"
#include "text/json_encode.hpp"

#include "catch.hpp"

#include <algorithm>
#include <ctime>

using namespace spindle;
using namespace spindle::tool;
using namespace std::literals;

namespace {

template <class Op>
Op decode(std::string_view line) {
  auto what = decode_request(parse_json(line));
  return std::get<Op>(std::get<operation>(std::get<work>(what).what));
}

/// Returns the error for a line that must be refused.
bad_request refusal(std::string_view line) {
  try {
    decode_request(parse_json(line));
  } catch (const bad_request& why) {
    return why;
  }
  FAIL("accepted: " << line);
  return {"", "", ""};
}

/// Returns the processor time for decoding a list.
double seconds_to_decode(size_t operations) {
  auto line = R"({"oplist": [)"s;
  for (size_t i = 0; i < operations; ++i)
    line += R"({"action": "file_exists", "path": "p"},)";
  line.back() = ']';
  line += '}';
  auto now = [] {
    timespec res{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &res);
    return static_cast<double>(res.tv_sec)
         + static_cast<double>(res.tv_nsec) / 1e9;
  };
  auto begin = now();
  auto what = std::get<work>(decode_request(parse_json(line)));
  CHECK(what.operations == operations);
  return now() - begin;
}

} // namespace

TEST_CASE("each operation can be decoded with its required members") {
  REQUIRE(operation_names().size() == operation_kinds);
  for (const auto& name : operation_names()) {
    CAPTURE(name);
    json object{{"id", 7}, {"action", name}, {"path", "p"}};
    for (auto [key, value] : {std::pair<const char*, json>{"target", "t"},
                              {"data", "d"},
                              {"size", 1u},
                              {"permissions", "0600"}}) {
      try {
        decode_request(object);
      } catch (const bad_request& why) {
        if (why.key() == key)
          object[key] = value;
      }
    }
    auto what = std::get<work>(decode_request(object));
    auto op = std::get<operation>(what.what);
    CHECK(name_of(op) == name);
    CHECK(path_of(op) == "p");
    CHECK(what.id() == 7);
    CHECK(!what.headings.back().params.contains("id"));
    CHECK(!what.headings.back().params.contains("action"));
    object.erase("path");
    CHECK(refusal(object.dump()).key() == "path");
  }
}

TEST_CASE("members of every type are read") {
  auto write = decode<file_write>(
    R"({"action": "file_write", "path": "a", "data": "x", "mode": "update",
        "offset": 18446744073709551615, "parents": true, "permissions": "0640",
        "durability": "full"})");
  CHECK(write
        == file_write{.path = "a",
                      .data = buffer{"x"},
                      .mode = write_mode::update,
                      .offset = UINT64_MAX,
                      .parents = true,
                      .permissions = 0640,
                      .durability = durability::full});
  auto read
    = decode<file_read>(R"({"action": "file_read", "path": "a", "length": 5})");
  CHECK(read.length == 5);
  read = decode<file_read>(
    R"({"action": "file_read", "path": "a", "length": null})");
  CHECK(read.length == std::nullopt);
  auto mode = decode<set_permissions>(
    R"({"action": "set_permissions", "path": "a", "permissions": 420})");
  CHECK(mode.permissions == 0644);
  auto times = decode<set_times>(
    R"({"action": "set_times", "path": "a", "accessed": -1.5,
        "modified": "1970-01-01T00:00:01Z"})");
  CHECK(times.accessed->time_since_epoch() == -1500ms);
  CHECK(times.modified->time_since_epoch() == 1s);
}

TEST_CASE("bytes are read as text or as base64") {
  CHECK(decode<file_write>(R"({"action": "file_write", "path_base64": "Yf8=",
                               "data_base64": "AP8="})")
        == file_write{.path = "a\xff", .data = buffer{"\0\xff"sv}});
  CHECK(
    decode<file_exists>(R"({"action": "file_exists", "path": "a\u0000b"})").path
    == "a\0b"sv);
}

TEST_CASE("errors name the key, the expected and the found value") {
  struct sample {
    std::string line;
    std::string key;
    std::string expected;
    std::string found;
  };
  auto x = GENERATE(
    sample{R"([1])", "", "one JSON object on the line", "an array"},
    sample{R"("x")", "", "one JSON object on the line", "\"x\""},
    sample{R"({})", "action", "the name of an operation, or \"oplist\"",
           "neither"},
    sample{R"({"action": 7})", "action", "the name of an operation", "7"},
    sample{R"({"action": "file_raed"})", "action", "\"file_read\"",
           "\"file_raed\""},
    sample{R"({"action": "nonsense"})", "action", "the name of an operation",
           "\"nonsense\""},
    sample{R"({"action": "file_read", "path": 7})", "path", "a string", "7"},
    sample{R"({"action": "file_read", "path": ["a"]})", "path", "a string",
           "an array"},
    sample{R"({"action": "file_read"})", "path",
           "this key, which file_read needs", "none"},
    sample{R"({"action": "file_read", "path": "a", "ofset": 1})", "ofset",
           "\"offset\"", "an unknown key"},
    sample{R"({"action": "file_read", "path": "a", "offset": -1})", "offset",
           "a whole number from 0 to 18446744073709551615", "-1"},
    sample{R"({"action": "file_read", "path": "a", "offset": 1.5})", "offset",
           "a whole number from 0 to 18446744073709551615", "1.5"},
    sample{
      R"({"action": "file_read", "path": "a", "offset": 18446744073709551616})",
      "offset", "a whole number from 0 to 18446744073709551615",
      "1.8446744073709552e+19"},
    sample{R"({"action": "directory_walk", "path": "a", "limit": 4294967296})",
           "limit", "a whole number from 0 to 4294967295", "4294967296"},
    sample{R"({"action": "file_create", "path": "a", "overwrite": 1})",
           "overwrite", "true or false", "1"},
    sample{R"({"action": "file_sync", "path": "a", "durability": "ful"})",
           "durability", "\"none\", \"data\" or \"full\"", "\"ful\""},
    sample{R"({"action": "file_exists", "path": "a", "path_base64": "YQ=="})",
           "path_base64", "either this or \"path\"", "both"},
    sample{R"({"action": "file_exists", "path_base64": "YQ"})", "path_base64",
           "base64 (RFC 4648, padded, without line breaks)", "\"YQ\""},
    sample{R"({"id": [], "action": "file_exists", "path": "a"})", "id",
           "a string of up to 1024 bytes, or a number", "an array"},
    sample{R"({"action": "cancel"})", "id", "the id of what this is about",
           "none"},
    sample{R"({"action": "shutdown", "deadline_s": -1})", "deadline_s",
           "a number of seconds from 0 to 1000000000", "-1"},
    sample{R"({"oplist": {}})", "oplist", "an array of operations and lists",
           "an object"},
    sample{R"({"action": "oplist"})", "oplist",
           "an array of operations and lists", "none"},
    sample{R"({"oplist": [], "on_error": "halt"})", "on_error",
           "\"proceed\" or \"stop\"", "\"halt\""},
    sample{R"({"oplist": [{"oplist": [7]}]})", "oplist[0].oplist[0]",
           "an object", "7"},
    sample{R"({"oplist": [{"action": "cancel", "id": 1}]})", "oplist[0].action",
           "the name of an operation", "\"cancel\""},
    sample{R"({"action": "file_exists", "path": "a", "lane": ""})", "lane",
           "the name of a lane, a string of 1 to 64 bytes", "\"\""},
    sample{R"({"oplist": [], "lane": 7})", "lane",
           "the name of a lane, a string of 1 to 64 bytes", "7"},
    sample{
      R"({"oplist": [{"action": "file_exists", "path": "a", "lane": "x"}]})",
      "oplist[0].lane", "this key beside the outermost \"oplist\" only",
      "one in an entry of the list"},
    sample{R"({"oplist": [{"oplist": [], "progress": true}]})",
           "oplist[0].progress",
           "this key beside the outermost \"oplist\" only",
           "one in an entry of the list"},
    sample{R"({"action": "file_exists", "path": "a", "progress": 1})",
           "progress", "true or false", "1"},
    sample{R"({"action": "background_write", "path": "a", "data": "",
               "progress": true})",
           "progress",
           "this key with operations and lists only; \"status\" says how far a "
           "background write is",
           "one with a background write"},
    sample{R"({"action": "status", "action": "status"})", "action",
           "each key once", "this key twice"});
  auto why = refusal(x.line);
  CAPTURE(x.line);
  CHECK(why.key() == x.key);
  CHECK(why.expected() == x.expected);
  CHECK(why.found() == x.found);
}

TEST_CASE("permissions and times out of range are refused") {
  for (auto text : {R"("0999")", R"("")", R"("10000")", "4096", "-1", "6.5"})
    CHECK(refusal(R"({"action": "file_create", "path": "a", "permissions": )"s
                  + text + '}')
            .key()
          == "permissions");
  for (auto text : {R"("yesterday")", "1e300", "-1e10", "true"})
    CHECK(refusal(R"({"action": "set_times", "path": "a", "accessed": )"s + text
                  + '}')
            .key()
          == "accessed");
}

TEST_CASE("lines with invalid JSON are refused") {
  CHECK(refusal("{").found().starts_with("no JSON: column "));
  CHECK(refusal("{} {}").found().starts_with("no JSON: column "));
  CHECK(refusal("{\"action\": \"\xff\"}").found().starts_with("no JSON"));
  CHECK(refusal(R"({"action": "\ud800"})").found().starts_with("no JSON"));
  CHECK(refusal("1e999").expected() == "numbers that fit 64 bits");
  CHECK(std::string_view{refusal("1e999").what()}.find("exception")
        == std::string_view::npos);
  CHECK(refusal(std::string(100'000, '[')).found() == "deeper ones");
  auto many = json::object();
  for (int i = 0; i < 100; ++i)
    many[std::to_string(i)] = i;
  CHECK(refusal(many.dump()).expected() == "at most 64 keys in an object");
}

TEST_CASE(
  "lists that are nested too deep are refused before they are decoded") {
  auto nested = [](size_t levels) {
    std::string res;
    for (size_t i = 0; i < levels; ++i)
      res += R"({"oplist":[)";
    for (size_t i = 0; i < levels; ++i)
      res += "]}";
    return res;
  };
  for (size_t levels : {501, 18'000, 1'000'000})
    CHECK(refusal(nested(levels)).found() == "deeper ones");
  // An accepted list can be sent to a node, which may then refuse it.
  auto what = std::get<work>(decode_request(parse_json(nested(500))));
  CHECK(std::get<oplist>(what.what).depth() == 500);
  CHECK(500 <= max_message_depth);
}

TEST_CASE("a list is decoded in time proportional to its length") {
  auto few = std::min(seconds_to_decode(5'000), seconds_to_decode(5'000));
  // A factor of 10 is linear, 100 is quadratic.
  CHECK(seconds_to_decode(50'000) < 30 * few);
}

TEST_CASE("the headings of a list are in order, each list after its entries") {
  auto what = std::get<work>(decode_request(parse_json(
    R"({"id": "L", "on_error": "stop", "oplist": [
         {"id": 1, "action": "file_delete", "path": "a"},
         {"oplist": [{"id": 2, "action": "file_delete", "path": "b"}]},
         {"id": "M", "oplist": [{"action": "file_delete", "path": "c"}]}]})")));
  auto list = std::get<oplist>(what.what);
  CHECK(list.size() == 3);
  CHECK(list.policy == on_error::stop);
  CHECK(what.operations == 3);
  CHECK(what.id() == "L");
  json order = json::array();
  for (const auto& x : what.headings)
    order.push_back({x.id, x.list.value_or("none"), x.action,
                     x.operations ? json(*x.operations) : json()});
  CHECK(order == json::parse(R"([[1, "L", "file_delete", null],
                           [2, "L", "file_delete", null],
                           [null, "L", "oplist", 1],
                           [null, "M", "file_delete", null],
                           ["M", "L", "oplist", 1],
                           ["L", "none", "oplist", 3]])"));
  CHECK(what.headings.back().params == json{{"on_error", "stop"}});
}

TEST_CASE("operations, lists and background writes name their lanes") {
  auto what = std::get<work>(decode_request(
    parse_json(R"({"action": "file_exists", "path": "a", "lane": "x"})")));
  CHECK(what.lane == "x");
  CHECK(what.headings.back().params == json{{"path", "a"}, {"lane", "x"}});
  what = std::get<work>(
    decode_request(parse_json(R"({"oplist": [], "lane": "y"})")));
  CHECK(what.lane == "y");
  CHECK(what.headings.back().params == json{{"lane", "y"}});
  auto job = std::get<background_request>(decode_request(parse_json(
    R"({"action": "background_write", "path": "a", "data": "", "lane": "z"})")));
  CHECK(job.lane == "z");
  what = std::get<work>(
    decode_request(parse_json(R"({"action": "file_exists", "path": "a"})")));
  CHECK(what.lane.empty());
}

TEST_CASE("the name of a lane has at most 64 bytes") {
  auto line = [](const std::string& name) {
    return R"({"action": "file_exists", "path": "a", "lane": ")" + name + "\"}";
  };
  auto longest = std::string(64, 'x');
  CHECK(std::get<work>(decode_request(parse_json(line(longest)))).lane
        == longest);
  CHECK(refusal(line(longest + 'x')).key() == "lane");
  // Characters may have several bytes.
  CHECK(refusal(line(std::string(62, 'x') + "\u20ac")).key() == "lane");
}

TEST_CASE("the name of a lane may be any text") {
  for (auto name : {R"(a\nb)", R"(\u0000)", " ", R"(\u20ac)"}) {
    CAPTURE(name);
    auto line
      = R"({"action": "file_exists", "path": "a", "lane": ")"s + name + "\"}";
    auto what = std::get<work>(decode_request(parse_json(line)));
    CHECK(!what.lane.empty());
    CHECK(to_line(what.headings.back().params).find('\n') == std::string::npos);
  }
}

TEST_CASE("an id has at most 1024 bytes") {
  auto line = [](const char* key, const std::string& id) {
    return R"({"action": "background_write", "path": "a", "data": "", ")"s + key
         + R"(": ")" + id + "\"}";
  };
  auto longest = std::string(1024, 'x');
  for (auto key : {"id", "chain_after"}) {
    decode_request(parse_json(line(key, longest)));
    CHECK(refusal(line(key, longest + 'x')).key() == key);
  }
}

TEST_CASE("an unknown key is shown up to a limit, between characters") {
  auto fits = std::string(63, 'x');
  auto why = refusal(R"({"action": "file_exists", "path": "a", ")" + fits
                     + R"(äää": 1})");
  CHECK(why.key() == fits + "…");
}

TEST_CASE("operations and lists ask for progress") {
  auto asks = [](std::string_view line) {
    return std::get<work>(decode_request(parse_json(line))).progress;
  };
  CHECK(asks(R"({"action": "file_exists", "path": "a", "progress": true})"));
  CHECK(asks(R"({"oplist": [], "progress": true})"));
  CHECK(!asks(R"({"oplist": [], "progress": false})"));
  CHECK(!asks(R"({"action": "file_exists", "path": "a"})"));
}

TEST_CASE("the size of answers is estimated") {
  auto answer_bytes = [](std::string_view line) {
    return std::get<work>(decode_request(parse_json(line))).answer_bytes;
  };
  CHECK(answer_bytes(R"({"action": "file_exists", "path": "a"})") == 0);
  CHECK(answer_bytes(R"({"action": "file_read", "path": "a", "length": 9})")
        == 9);
  CHECK(answer_bytes(R"({"action": "file_read", "path": "a"})") == 8 << 20);
  CHECK(answer_bytes(R"({"oplist": [
          {"action": "file_read", "path": "a", "length": 18446744073709551615},
          {"action": "file_read", "path": "a", "length": 18446744073709551615}
        ]})")
        > uint64_t{1} << 40);
}

TEST_CASE("each type of output has its keys") {
  auto shown = [](const operation& op, const output& x) {
    return to_line(encode_output(op, x));
  };
  CHECK(shown(file_create{}, done{}) == "{}");
  CHECK(shown(file_exists{}, true) == R"({"exists":true})");
  CHECK(shown(file_read{}, buffer{"ä"}) == R"({"data":"ä"})");
  CHECK(shown(file_read{}, buffer{"\xff"}) == R"({"data_base64":"/w=="})");
  CHECK(shown(symlink_read{}, "a\xff"s) == R"({"target_base64":"Yf8="})");
  CHECK(shown(file_checksum{}, "00"s) == R"({"checksum":"00"})");
  CHECK(
    shown(directory_contents{}, directory_listing{{"a\xff", file_type::fifo}})
    == R"({"contents":[{"name_base64":"Yf8=","type":"fifo"}]})");
  CHECK(shown(directory_walk{},
              walk_page{{{"a", file_type::file}}, "a", {{"b", 13}}})
        == R"({"entries":[{"path":"a","type":"file"}],"next":"a",)"
           R"("unreadable":[{"path":"b","errno":13}]})");
  CHECK(shown(disk_space{}, space_info{3, 2, 1})
        == R"({"capacity":3,"free":2,"available":1})");
  auto info = encode_output(file_stat{}, file_info{.permissions = 01755});
  CHECK(info["permissions"] == "1755");
  CHECK(info["modified"] == "1970-01-01T00:00:00Z");
}

TEST_CASE("a failure has only the keys that apply") {
  failure why{.code = errc::not_found,
              .operation = "file_read",
              .path = "a\xff",
              .sys_errno = 2};
  auto res = encode_failure(why);
  CHECK(res["error"] == "not_found");
  CHECK(res["errno"] == 2);
  CHECK(!res.contains("done"));
  CHECK(!res.contains("entries"));
  CHECK(to_line(res).find("a\xef\xbf\xbd") != std::string::npos);
  why.done = 4;
  why.entries.push_back({"x", 13});
  res = encode_failure(why);
  CHECK(res["done"] == 4);
  CHECK(res["entries"] == json::parse(R"([{"path": "x", "errno": 13}])"));
}

TEST_CASE("background writes are decoded") {
  auto what = std::get<background_request>(decode_request(parse_json(
    R"({"id": 7, "action": "background_write", "path_base64": "Yf8=",
        "source": "s", "profile": "nightly", "chunk_size": 5, "mode": "append",
        "offset": 0, "parents": true, "permissions": "0600", "durability":
        "data", "chain_after": "a", "chain_on_error": "proceed"})")));
  CHECK(what.title.id == 7);
  CHECK(what.title.params.size() == 11);
  CHECK(what.what.path == "a\xff");
  CHECK(what.what.source == "s");
  CHECK(!what.what.data);
  CHECK(what.what.profile.name == "nightly");
  CHECK(what.what.chunk_size == 5);
  CHECK(what.what.mode == write_mode::append);
  CHECK(what.what.permissions == 0600);
  CHECK(what.what.durability == durability::data);
  CHECK(what.what.chain_after == "a");
  CHECK(what.what.chain_on_error == chain_policy::proceed);
  auto plain = std::get<background_request>(decode_request(parse_json(
    R"({"action": "background_write", "path": "p", "data_base64": "AP8="})")));
  CHECK(plain.what.data == buffer{"\0\xff"sv});
  CHECK(plain.what.profile.name == default_profile);
  CHECK(plain.what.chain_after.is_null());
}

TEST_CASE("times of a writer are in seconds since the start of the program") {
  writer_status last{.finished = true, .written = 3, .chunks = 1};
  auto shown = encode_end(last, 2s);
  CHECK(shown["started_s"].is_null());
  CHECK(shown["finished_s"].is_null());
  last.started_after = 500ms;
  last.finished_after = 1s;
  last.busy = 250ms;
  shown = encode_end(last, 2s);
  CHECK(shown["started_s"] == 2.5);
  CHECK(shown["finished_s"] == 3.0);
  CHECK(shown["busy_s"] == 0.25);
}

TEST_CASE("the status of a writer says to which duty it is limited") {
  writer_status now;
  CHECK(encode_status(now, 0s)["duty_limit_pct"].is_null());
  now.duty_limit_pct = 2.5;
  CHECK(encode_status(now, 0s)["duty_limit_pct"] == 2.5);
}
