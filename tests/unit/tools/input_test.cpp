#include "run/run_backlog.hpp"
#include "run/run_input.hpp"

#include "catch.hpp"

#include <atomic>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

using namespace spindle::tool;
using namespace std::literals;

namespace {

/// A pipe with a line reader at its reading end.
struct input_fixture {
  ~input_fixture() {
    finish();
    ::close(ends[0]);
  }

  int open_pipe() {
    REQUIRE(::pipe(ends) == 0);
    return ends[0];
  }

  void put(std::string_view text) {
    REQUIRE(::write(ends[1], text.data(), text.size())
            == static_cast<ssize_t>(text.size()));
  }

  void finish() {
    if (ends[1] >= 0)
      ::close(ends[1]);
    ends[1] = -1;
  }

  std::string next() {
    auto line = lines.next();
    if (!line)
      return "end";
    auto text = line->too_long ? "too long" : std::string{line->text};
    return std::to_string(line->number) + ":" + text;
  }

  int ends[2] = {-1, -1};
  stop_event stop;
  line_source lines{open_pipe(), stop, 8};
};

backlog_item_ptr make_item(json id, size_t operations = 1,
                           uint64_t memory_bytes = 0) {
  auto res = std::make_shared<backlog_item>();
  res->headings.push_back({std::move(id), std::nullopt, "x", {}, {}});
  res->operations = operations;
  res->memory_bytes = memory_bytes;
  return res;
}

} // namespace

TEST_CASE("lines are read with or without a line break at the end") {
  input_fixture f;
  f.put("a\n\nbc\r\nrest");
  CHECK(f.next() == "1:a");
  CHECK(f.next() == "2:");
  CHECK(f.next() == "3:bc\r");
  f.finish();
  CHECK(f.next() == "4:rest");
  CHECK(f.next() == "end");
  CHECK(f.next() == "end");
}

TEST_CASE("only the line that is too long is dropped") {
  input_fixture f;
  f.put("12345678\n123456789\nx\n");
  CHECK(f.next() == "1:12345678");
  CHECK(f.next() == "2:too long");
  CHECK(f.next() == "3:x");
  std::thread writer{[&f] {
    // No assertion in this thread; if the write fails, the checks below fail.
    std::string text(300'000, 'y');
    text += "\nz";
    [[maybe_unused]] auto ignored
      = ::write(f.ends[1], text.data(), text.size());
    f.finish();
  }};
  CHECK(f.next() == "4:too long");
  CHECK(f.next() == "5:z");
  CHECK(f.next() == "end");
  writer.join();
}

TEST_CASE("a stop ends the wait for input, and no more lines are read") {
  input_fixture f;
  std::thread other{[&f] { f.stop.request(); }};
  CHECK(f.next() == "end");
  other.join();
  f.put("a\n");
  CHECK(f.next() == "end");
}

TEST_CASE("an input that cannot be read is an error") {
  stop_event stop;
  auto directory = ::open("/", O_RDONLY);
  REQUIRE(directory >= 0);
  line_source lines{directory, stop, 8};
  CHECK_THROWS_AS(lines.next(), std::system_error);
  ::close(directory);
}

TEST_CASE("a backlog finds items with a ticket that are not reported yet") {
  backlog x{{.operations = 9, .payload_bytes = 9}};
  auto item = make_item("a");
  x.add(item);
  CHECK(!x.find("a"));
  x.set_ticket(*item, spindle::ticket{7});
  CHECK(x.find("a") == spindle::ticket{7});
  CHECK(!x.find("b"));
  CHECK_THROWS_AS(x.add(make_item("a")), bad_request);
  CHECK(x.claim(*item));
  CHECK(!x.claim(*item));
  CHECK(!x.find("a"));
  x.add(make_item("a"));
  x.add(make_item(nullptr));
  x.add(make_item(nullptr));
  CHECK(x.unclaimed().size() == 3);
  CHECK(!x.wait_until_empty_for(0s));
  x.release(*item);
  for (auto& rest : x.unclaimed()) {
    CHECK(x.claim(*rest));
    x.release(*rest);
  }
  x.wait_until_empty();
}

TEST_CASE("a full backlog blocks the next item until one is released") {
  backlog_limits limits{
    .items = 2, .memory_bytes = 10, .operations = 3, .payload_bytes = 9};
  backlog x{limits};
  auto [first, second]
    = GENERATE(std::pair{make_item(1, 4), make_item(2, 1)},
               std::pair{make_item(1, 2), make_item(2, 2)},
               std::pair{make_item(1, 1, 99), make_item(2, 1)},
               std::pair{make_item(1, 1, 5), make_item(2, 1, 6)});
  x.add(first);
  std::atomic<bool> added = false;
  std::thread other{[&, item = second] {
    x.add(item);
    added = true;
  }};
  // The item is listed although it still waits for room.
  while (x.unclaimed().size() < 2)
    std::this_thread::yield();
  CHECK(!added);
  CHECK(x.claim(*first));
  x.release(*first);
  other.join();
  CHECK(added);
}

TEST_CASE("a backlog knows what is first in each lane") {
  backlog x{{.operations = 9, .payload_bytes = 9}};
  session_lanes lanes;
  auto fast = lanes.find("fast");
  auto slow = lanes.find("slow");
  auto add = [&](const char* id, const session_lane& lane) {
    auto res = make_item(id);
    res->lane = lane;
    x.add(res);
    return res;
  };
  auto first = add("1", slow);
  auto second = add("2", nullptr);
  auto third = add("3", fast);
  auto fourth = add("4", slow);
  CHECK(x.first(slow) == first);
  CHECK(x.first(nullptr) == second);
  CHECK(x.first(fast) == third);
  CHECK(x.unclaimed() == std::vector{first, second, third, fourth});
  CHECK(x.claim(*first));
  CHECK(!x.claim(*first));
  CHECK(x.claim(*third));
  CHECK(x.first(slow) == fourth);
  CHECK(x.first(fast) == nullptr);
  CHECK(x.unclaimed() == std::vector{second, fourth});
}

TEST_CASE("each lane has a number as long as somebody has it") {
  session_lanes lanes;
  CHECK(number_of(nullptr) == 0);
  auto a = lanes.find("a");
  auto b = lanes.find("b");
  CHECK(number_of(a) == 1);
  CHECK(number_of(b) == 2);
  CHECK(lanes.find("a") == a);
  b = nullptr;
  CHECK(number_of(lanes.find("b")) == 3);
  // Names that nobody has any more are not kept for ever.
  for (int i = 0; i < 100'000; ++i)
    lanes.find(std::to_string(i));
  CHECK(lanes.known() < 5'000);
  CHECK(lanes.find("a") == a);
}

TEST_CASE("background writes have their own limits and do not block others") {
  backlog x{{.items = 1, .operations = 9, .payload_bytes = 9},
            {.items = 1, .operations = 9, .payload_bytes = 9}};
  auto writer = make_item("w");
  writer->background = true;
  CHECK(x.add(writer));
  CHECK(x.first(nullptr) == nullptr);
  auto item = make_item("i");
  CHECK(x.add(item));
  CHECK(x.first(nullptr) == item);
  auto late = make_item("late");
  late->background = true;
  CHECK(!x.add(late, false));
  CHECK(x.unclaimed() == std::vector{item, writer, late});
  // The item took no room, so its release frees none.
  CHECK(x.claim(*late));
  x.release(*late);
  x.wait_for_background(1ns);
  CHECK(!x.wait_until_empty_for(0s));
  CHECK(x.claim(*writer));
  x.release(*writer);
  x.wait_for_background(std::nullopt);
  CHECK(x.claim(*item));
  x.release(*item);
  CHECK(x.wait_until_empty_for(0s));
}
