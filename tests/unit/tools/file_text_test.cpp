#include "cli/disk_path.hpp"
#include "text/file_text.hpp"
#include "text/text_table.hpp"

#include "catch.hpp"

#include <cstdlib>
#include <ctime>

using namespace spindle;
using namespace spindle::tool;
using namespace std::literals;

TEST_CASE("modes are formatted as by ls") {
  CHECK(mode_text(file_type::file, 0644) == "-rw-r--r--");
  CHECK(mode_text(file_type::directory, 01777) == "drwxrwxrwt");
  CHECK(mode_text(file_type::symlink, 0777) == "lrwxrwxrwx");
  CHECK(mode_text(file_type::fifo, 0) == "p---------");
  CHECK(mode_text(file_type::socket, 07000) == "s--S--S--T");
  CHECK(mode_text(file_type::block_device, 06550) == "br-sr-s---");
  CHECK(mode_text(file_type::character_device, 0111) == "c--x--x--x");
  CHECK(mode_text(file_type::unknown, 0400) == "?r--------");
}

TEST_CASE("times are in the local time zone") {
  // Changes the whole process; test cases run one after another.
  ::setenv("TZ", "XYZ-01:30", 1);
  ::tzset();
  CHECK(local_time_text(file_time{}) == "1970-01-01 01:30:00");
  CHECK(local_time_text(file_time{-1ns}) == "1970-01-01 01:29:59");
  CHECK(local_time_text(file_time{951'782'400s}) == "2000-02-29 01:30:00");
  ::unsetenv("TZ");
  ::tzset();
}

TEST_CASE("errors are readable texts") {
  CHECK(reason_text({.code = errc::not_found, .sys_errno = 2})
        == "No such file or directory");
  CHECK(reason_text({.code = errc::no_space, .sys_errno = 28, .detail = "of X"})
        == "No space left on device (of X): make room, or choose another "
           "place");
  CHECK(reason_text({.code = errc::queue_full}) == "queue full");
  CHECK(reason_text({.code = errc::read_only, .sys_errno = 30})
        == "Read-only file system: choose another place, or have the file "
           "system mounted, or the volume of the node offered, for writing");
  CHECK(reason_text({.code = errc::too_large, .detail = "more than 4 bytes"})
        == "more than 4 bytes");
  CHECK(no_file_text(file_type::character_device)
        == "it is no file, but a character device");
}

TEST_CASE("paths are split") {
  CHECK(base_name("a") == "a");
  CHECK(base_name("a/b") == "b");
  CHECK(base_name("/a/b//") == "b");
  CHECK(base_name("a/..") == "..");
  CHECK(base_name("/") == "");
  CHECK(base_name("") == "");
  CHECK(is_hidden(".a"));
  CHECK(is_hidden("a/.b/c"));
  CHECK(!is_hidden("a.b/c."));
}

TEST_CASE("paths are joined") {
  CHECK(joined("a", "b") == "a/b");
  CHECK(joined("a/", "b/c") == "a/b/c");
  CHECK(joined("/", "b") == "/b");
  CHECK(joined("", "b") == "b");
  CHECK(pointed_to("a/link", "b") == "a/b");
  CHECK(pointed_to("link", "../b") == "../b");
  CHECK(pointed_to("/a/link", "/b") == "/b");
}

TEST_CASE("a table without titles has rows only") {
  text_table with{{"A"}, {"B", alignment::right}};
  with.add_row({"x", "10"});
  CHECK(with.text() == "A   B\nx  10\n");
  text_table without{{}, {"", alignment::right}, {}};
  CHECK(without.text() == "");
  without.add_row({"x", "10", "ä"});
  without.add_row({"xyz", "1", "b"});
  CHECK(without.text() == "x    10  ä\nxyz   1  b\n");
}
