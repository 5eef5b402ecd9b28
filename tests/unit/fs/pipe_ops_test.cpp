// Operations on pipes, which may have no peer, or a slow one.

#include "catch.hpp"
#include "failure_of.hpp"
#include "op_disk.hpp"
#include "patience.hpp"

#include <atomic>
#include <chrono>
#include <thread>

using namespace spindle;
using namespace spindle::fs;
using namespace std::literals;
using kit::code_of;
using kit::failure_of;
using kit::output_of;
using kit::pattern;
using kit::read_text;

TEST_CASE("writing to a FIFO without a reader fails") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.make_fifo("pipe");
  auto why = failure_of(d(file_write{d / "pipe", buffer{"x"}}));
  CHECK(why.code == errc::no_reader);
  CHECK(why.sys_errno == ENXIO);
  CHECK(code_of(d(file_truncate{d / "pipe", 0})) == "no_reader");
}

TEST_CASE("writing to a FIFO with a slow reader stops after a quantum") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.make_fifo("pipe");
  auto reader = kit::value_of(d.open("pipe"));
  auto begin = std::chrono::steady_clock::now();
  auto why = failure_of(
    d(file_write{d / "pipe", buffer{pattern(1'000'000)}}, {.quantum = 20ms}));
  auto elapsed = std::chrono::steady_clock::now() - begin;
  CHECK(why.code == errc::would_block);
  CHECK(why.sys_errno == EAGAIN);
  CHECK(why.done == 65536);
  CHECK(elapsed >= 20ms);
  CHECK(kit::read_text(*reader, 100'000) == pattern(65536));
}

TEST_CASE("a FIFO with a fast reader takes everything") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.make_fifo("pipe");
  auto reader = kit::value_of(d.open("pipe"));
  auto text = pattern(1'000'000);
  std::string got;
  std::thread other{[&] {
    auto until = kit::end_of_patience();
    while (got.size() < text.size()) {
      auto some = kit::read_text(*reader, 5000);
      if (some)
        got += *some;
      else if (!reader->wait_ready(false, until))
        return;
    }
  }};
  output_of(
    d(file_write{d / "pipe", buffer{text}}, {.quantum = kit::patience}));
  other.join();
  CHECK(got == text);
}

TEST_CASE(
  "reading a FIFO ends with its writer or its length, or is a failure") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.make_fifo("pipe");
  // No writer has opened it yet, so this is not its end.
  CHECK(read_text(d, {.path = d / "pipe"}) == "would_block");
  CHECK(code_of(d(file_checksum{d / "pipe"})) == "would_block");
  // The open reader keeps the buffered data of the FIFO.
  auto reader = kit::value_of(d.open("pipe"));
  auto writer = kit::value_of(d.open("pipe", {.read = false, .write = true}));
  CHECK(read_text(d, {.path = d / "pipe"}) == "would_block");
  CHECK(code_of(d(file_checksum{d / "pipe"})) == "would_block");
  kit::value_of(writer->write(kit::bytes_of("hello")));
  CHECK(read_text(d, {d / "pipe", 0, 2}) == "he");
  auto paused = [](const failure& why) {
    CHECK(why.code == errc::timed_out);
    CHECK(why.done == 3);
    CHECK(why.detail
          == "the end of the data did not arrive before the timeout; 3 bytes "
             "were read and are lost");
  };
  paused(failure_of(d(file_read{.path = d / "pipe"})));
  kit::value_of(writer->write(kit::bytes_of("abc")));
  paused(failure_of(d(file_read{d / "pipe", 0, 4})));
  kit::value_of(writer->write(kit::bytes_of("abc")));
  paused(failure_of(d(file_checksum{d / "pipe"})));
  kit::value_of(writer->write(kit::bytes_of("end")));
  kit::value_of(writer->close());
  CHECK(read_text(d, {.path = d / "pipe"}, {.quantum = kit::patience})
        == "end");
}

TEST_CASE("reading a FIFO waits for its writer, also during a pause") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.make_fifo("pipe");
  auto checksum = GENERATE(false, true);
  std::thread other{[&] {
    // Opening succeeds once the operation has opened the FIFO for reading.
    auto writer = d.open("pipe", {.read = false, .write = true});
    for (; !writer; writer = d.open("pipe", {.read = false, .write = true}))
      std::this_thread::yield();
    kit::value_of((*writer)->write(kit::bytes_of("one ")));
    std::this_thread::sleep_for(5ms);
    kit::value_of((*writer)->write(kit::bytes_of("two")));
  }};
  fs::limits slow{.quantum = kit::patience};
  if (checksum)
    CHECK(output_of(d(file_checksum{d / "pipe"}, slow)).size() == 32);
  else
    CHECK(output_of(d(file_read{d / "pipe"}, slow)).text() == "one two");
  other.join();
}

TEST_CASE("reading a FIFO that never ends stops after a quantum") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.make_fifo("pipe");
  auto reader = kit::value_of(d.open("pipe"));
  auto writer = kit::value_of(d.open("pipe", {.read = false, .write = true}));
  kit::value_of(writer->write(kit::bytes_of("first")));
  std::atomic<bool> stop{false};
  std::thread other{[&] {
    auto text = pattern(4096);
    while (!stop)
      if (!writer->write(kit::bytes_of(text)))
        std::this_thread::yield();
  }};
  auto res = d(file_read{d / "pipe"}, {.quantum = 20ms});
  stop = true;
  other.join();
  auto why = failure_of(res);
  CHECK(why.code == errc::timed_out);
  CHECK(why.done > 0);
}
