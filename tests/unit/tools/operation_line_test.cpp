// The progress line of long operations on a terminal.
#include "text/operation_line.hpp"

#include "catch.hpp"

#include <unistd.h>

using namespace spindle;
using namespace spindle::tool;
using namespace std::literals;

TEST_CASE("the line shows the known values") {
  operation_progress x{.started = true, .path = "a/b"};
  CHECK(operation_text(x, 0, 2s, 80) == "a/b");
  x.entries = 1;
  CHECK(operation_text(x, 0, 2s, 80) == "1 entry, a/b");
  CHECK(operation_text(x, 9, 2s, 80) == "10 entries, a/b");
  x.bytes = 4 << 20;
  CHECK(operation_text(x, 9, 2s, 80) == "10 entries, 4.00MiB, 2.00MiB/s, a/b");
  x.entries = 0;
  x.total_bytes = 16 << 20;
  CHECK(operation_text(x, 0, 2s, 100)
        == "[######..................] 4.00MiB of 16.0MiB (25%), 2.00MiB/s, "
           "6s left, a/b");
}

TEST_CASE("a narrow terminal has no bar") {
  operation_progress x{
    .started = true, .bytes = 4 << 20, .total_bytes = 16 << 20, .path = "a/b"};
  CHECK(operation_text(x, 0, 2s, 60)
        == "4.00MiB of 16.0MiB (25%), 2.00MiB/s, 6s left, a/b");
  CHECK(operation_text(x, 0, 2s, 10) == "4.00MiB of");
}

TEST_CASE("a path is shortened to what fits") {
  operation_progress x{
    .started = true, .entries = 5, .path = "some/where/in/the/tree"};
  CHECK(operation_text(x, 0, 1s, 33) == "5 entries, some/where/in/the/tree");
  CHECK(operation_text(x, 0, 1s, 32) == "5 entries, .../where/in/the/tree");
  CHECK(operation_text(x, 0, 1s, 21) == "5 entries, ...he/tree");
  // No room for any part of the path.
  CHECK(operation_text(x, 0, 1s, 20) == "5 entries");
  CHECK(operation_text(x, 0, 1s, 5) == "5 ent");
  // The width counts characters, not bytes, and control characters are escaped.
  x.path = "ääääääääääääääääääää";
  CHECK(operation_text(x, 0, 1s, 22) == "5 entries, ...ääääääää");
  x.path = "a\x1b[2Jb";
  CHECK(operation_text(x, 0, 1s, 80).find('\x1b') == std::string::npos);
}

TEST_CASE("without a terminal there is no line") {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  {
    operation_line line{ends[1]};
    CHECK(!line.is_terminal());
    line.begin();
    line.show({.started = true, .path = "a"});
    line.end("a");
  }
  ::close(ends[1]);
  char byte;
  CHECK(::read(ends[0], &byte, 1) == 0);
  ::close(ends[0]);
}
