// Tests the behaviour of open files on every file system.

#include "catch.hpp"
#include "patience.hpp"
#include "vfs_disks.hpp"

#include <thread>

using namespace spindle;
using namespace spindle::fs;
using namespace std::chrono_literals;

using kit::bytes_of;
using kit::error_of;
using kit::read_text;
using kit::value_of;

namespace {

constexpr open_options to_write{.read = false, .write = true, .create = true};
constexpr open_options to_both{.write = true, .create = true};

} // namespace

// -- transfers ----------------------------------------------------------------

TEST_CASE("reading and writing move the position") {
  ON_EACH_DISK(on);
  auto file = value_of(on.open("f", to_both));
  CHECK(file->write(bytes_of("abc")) == 3);
  CHECK(file->write(bytes_of("def")) == 3);
  CHECK(read_text(*file, 10) == "");
  auto other = value_of(on.open("f"));
  CHECK(read_text(*other, 4) == "abcd");
  CHECK(read_text(*other, 4) == "ef");
  CHECK(read_text(*other, 4) == "");
  CHECK(read_text(*other, 0) == "");
}

TEST_CASE("reading and writing at an offset leave the position") {
  ON_EACH_DISK(on);
  auto file = value_of(on.open("f", to_both));
  CHECK(file->write_at(2, bytes_of("cd")) == 2);
  CHECK(file->write(bytes_of("ab")) == 2);
  CHECK(read_text(*file, 10, 1) == "bcd");
  CHECK(read_text(*file, 10) == "cd");
  CHECK(read_text(*file, 10, 4) == "");
  CHECK(read_text(*file, 10, 1000) == "");
}

TEST_CASE("a hole reads as zeros") {
  ON_EACH_DISK(on);
  auto file = value_of(on.open("f", to_both));
  CHECK(file->write_at(3, bytes_of("x")) == 1);
  CHECK(file->write_at(9, {}) == 0);
  CHECK(on.get("f") == std::string("\0\0\0x", 4));
}

TEST_CASE("find_data skips holes") {
  ON_EACH_DISK(on);
  constexpr uint64_t mib = 1 << 20;
  auto file = value_of(on.open("f", to_both));
  auto block = std::string(mib, 'x');
  CHECK(file->find_data(0)->empty());
  CHECK(file->write_at(2 * mib, bytes_of(block)) == mib);
  CHECK(file->write_at(6 * mib, bytes_of(block)) == mib);
  value_of(file->truncate(9 * mib));
  CHECK(file->find_data(0) == data_extent{2 * mib, 3 * mib});
  CHECK(file->find_data(2 * mib + 5) == data_extent{2 * mib + 5, 3 * mib});
  CHECK(file->find_data(3 * mib) == data_extent{6 * mib, 7 * mib});
  CHECK(file->find_data(7 * mib)->empty());
  CHECK(file->find_data(20 * mib)->empty());
  CHECK(file->find_data(UINT64_MAX)->empty());
  CHECK(file->stat()->allocated < 3 * mib);
  // Neither of them changes the file position.
  CHECK(file->write(bytes_of("y")) == 1);
  CHECK(read_text(*value_of(on.open("f")), 1) == "y");
  on.make_fifo("p");
  CHECK(error_of(value_of(on.open("p"))->find_data(0)) == ESPIPE);
}

TEST_CASE("punch_hole frees space and keeps the size") {
  ON_EACH_DISK(on);
  constexpr uint64_t mib = 1 << 20;
  auto file = value_of(on.open("f", to_both));
  value_of(file->write(bytes_of(std::string(4 * mib, 'x'))));
  CHECK(error_of(file->punch_hole(mib, 2 * mib)) == 0);
  CHECK(file->find_data(mib) == data_extent{3 * mib, 4 * mib});
  CHECK(read_text(*file, 3, mib) == std::string(3, '\0'));
  CHECK(read_text(*file, 3, 3 * mib) == "xxx");
  CHECK(error_of(file->punch_hole(3 * mib, 100 * mib)) == 0);
  CHECK(error_of(file->punch_hole(100 * mib, mib)) == 0);
  CHECK(file->stat()->size == 4 * mib);
  CHECK(file->stat()->allocated < 2 * mib);
  CHECK(error_of(file->punch_hole(0, 0)) == EINVAL);
  CHECK(error_of(value_of(on.open("f"))->punch_hole(0, 1)) == EBADF);
}

TEST_CASE("appending writes at the end of the file, also after other writers") {
  ON_EACH_DISK(on);
  auto first
    = value_of(on.open("f", {.write = true, .create = true, .append = true}));
  auto second = value_of(on.open("f", {.write = true, .append = true}));
  value_of(first->write(bytes_of("a")));
  value_of(second->write(bytes_of("b")));
  value_of(first->write(bytes_of("c")));
  CHECK(read_text(*first, 10, 0) == "abc");
}

TEST_CASE("a file allows only the access that it was opened for") {
  ON_EACH_DISK(on);
  on.put("f", "abc");
  auto reader = value_of(on.open("f"));
  CHECK(error_of(reader->write(bytes_of("x"))) == EBADF);
  CHECK(error_of(reader->write_at(0, bytes_of("x"))) == EBADF);
  CHECK(error_of(reader->truncate(0)) == EINVAL);
  auto writer = value_of(on.open("f", to_write));
  CHECK(error_of(read_text(*writer, 1)) == EBADF);
  CHECK(error_of(read_text(*writer, 1, 0)) == EBADF);
  CHECK(on.get("f") == "abc");
}

TEST_CASE("offsets and sizes beyond what a number can hold are refused") {
  ON_EACH_DISK(on);
  auto file = value_of(on.open("f", to_both));
  auto beyond = uint64_t{1} << 63;
  CHECK(error_of(read_text(*file, 1, beyond)) == EINVAL);
  CHECK(error_of(file->write_at(beyond, bytes_of("x"))) == EINVAL);
  CHECK(error_of(file->truncate(beyond)) == EINVAL);
}

TEST_CASE("truncating removes the end or adds zeros") {
  ON_EACH_DISK(on);
  on.put("f", "abcdef");
  auto file = value_of(on.open("f", to_both));
  value_of(file->truncate(2));
  CHECK(on.get("f") == "ab");
  value_of(file->truncate(4));
  CHECK(on.get("f") == std::string("ab\0\0", 4));
  CHECK(file->stat()->size == 4);
}

TEST_CASE("an open file outlives its name") {
  ON_EACH_DISK(on);
  auto file = value_of(on.open("f", to_both));
  value_of(file->write(bytes_of("abc")));
  value_of(on.remove_file("f"));
  on.put("f", "other");
  CHECK(read_text(*file, 10, 0) == "abc");
  CHECK(file->stat()->links == 0);
  value_of(file->write(bytes_of("def")));
  CHECK(file->stat()->size == 6);
  CHECK(error_of(file->sync(sync_mode::full)) == 0);
}

TEST_CASE(
  "an open file stays the same when its name is given to another file") {
  ON_EACH_DISK(on);
  on.put("f", "old");
  on.put("g", "new");
  auto file = value_of(on.open("f"));
  value_of(on.rename("g", "f"));
  CHECK(read_text(*file, 10) == "old");
  CHECK(on.get("f") == "new");
}

TEST_CASE("syncing and closing succeed") {
  ON_EACH_DISK(on);
  auto file = value_of(on.open("f", to_both));
  value_of(file->write(bytes_of("abc")));
  CHECK(error_of(file->sync(sync_mode::data)) == 0);
  CHECK(error_of(file->sync(sync_mode::full)) == 0);
  CHECK(error_of(file->close()) == 0);
  CHECK(on.get("f") == "abc");
}

TEST_CASE("a regular file is always ready") {
  ON_EACH_DISK(on);
  auto file = value_of(on.open("f", to_both));
  CHECK(file->wait_ready(false, steady_time{}) == true);
  CHECK(file->wait_ready(true, steady_time{}) == true);
}

// -- copying ------------------------------------------------------------------

TEST_CASE("copy_from copies a part of another file") {
  ON_EACH_DISK(on);
  on.put("f", "abcdef");
  auto from = value_of(on.open("f"));
  auto to = value_of(on.open("g", to_both));
  CHECK(to->copy_from(*from, 2, 1, 3) == 3);
  CHECK(on.get("g") == std::string("\0cde", 4));
  CHECK(to->copy_from(*from, 4, 4, 100) == 2);
  CHECK(to->copy_from(*from, 6, 0, 100) == 0);
  CHECK(on.get("g") == std::string("\0cdeef", 6));
  auto both = value_of(on.open("f", to_both));
  CHECK(both->copy_from(*both, 0, 3, 3) == 3);
  CHECK(on.get("f") == "abcabc");
  CHECK(error_of(both->copy_from(*both, 0, 2, 3)) == EINVAL);
}

TEST_CASE("copy_from needs two regular files, opened for reading and writing") {
  ON_EACH_DISK(on);
  on.put("f", "abc");
  value_of(on.make_directory("d"));
  on.make_fifo("p");
  auto reader = value_of(on.open("f"));
  auto writer = value_of(on.open("g", to_write));
  auto directory = value_of(on.open("d"));
  auto fifo = value_of(on.open("p", to_both));
  auto appender
    = value_of(on.open("h", {.write = true, .create = true, .append = true}));
  CHECK(error_of(reader->copy_from(*reader, 0, 10, 1)) == EBADF);
  CHECK(error_of(writer->copy_from(*writer, 0, 10, 1)) == EBADF);
  CHECK(error_of(appender->copy_from(*reader, 0, 0, 1)) == EBADF);
  CHECK(error_of(writer->copy_from(*directory, 0, 0, 1)) == EISDIR);
  CHECK(error_of(writer->copy_from(*fifo, 0, 0, 1)) == EINVAL);
  CHECK(error_of(fifo->copy_from(*reader, 0, 0, 1)) == EINVAL);
}

TEST_CASE("clone_from copies the content, or reports that it cannot") {
  ON_EACH_DISK(on);
  on.put("f", "abc");
  auto from = value_of(on.open("f"));
  auto to = value_of(on.open("g", to_both));
  auto cloned = to->clone_from(*from);
  if (cloned)
    CHECK(on.get("g") == "abc");
  else
    CHECK(cloned.error() == EOPNOTSUPP);
  auto reader = value_of(on.open("g"));
  CHECK(error_of(reader->clone_from(*from)) == EBADF);
  value_of(on.make_directory("d"));
  CHECK(error_of(to->clone_from(*value_of(on.open("d")))) == EISDIR);
}

// -- FIFOs --------------------------------------------------------------------

TEST_CASE("opening a FIFO never blocks") {
  ON_EACH_DISK(on);
  on.make_fifo("p");
  open_options write_only{.read = false, .write = true};
  CHECK(error_of(on.open("p", write_only)) == ENXIO);
  auto reader = value_of(on.open("p"));
  CHECK(error_of(on.open("p", write_only)) == 0);
  CHECK(error_of(on.open("p", {.write = true})) == 0);
  CHECK(reader->stat()->type == file_type::fifo);
}

TEST_CASE("data written to a FIFO is read once, in order") {
  ON_EACH_DISK(on);
  on.make_fifo("p");
  auto reader = value_of(on.open("p"));
  auto writer = value_of(on.open("p", {.read = false, .write = true}));
  CHECK(error_of(read_text(*reader, 10)) == EAGAIN);
  CHECK(writer->write(bytes_of("abc")) == 3);
  CHECK(writer->write(bytes_of("def")) == 3);
  CHECK(read_text(*reader, 4) == "abcd");
  CHECK(read_text(*reader, 4) == "ef");
  CHECK(error_of(read_text(*reader, 4)) == EAGAIN);
  value_of(writer->write(bytes_of("g")));
  writer.reset();
  CHECK(read_text(*reader, 4) == "g");
  CHECK(read_text(*reader, 4) == "");
}

TEST_CASE("a FIFO without writers is at its end") {
  ON_EACH_DISK(on);
  on.make_fifo("p");
  auto reader = value_of(on.open("p"));
  CHECK(read_text(*reader, 4) == "");
  CHECK(reader->wait_ready(false, steady_time{}) == false);
  auto writer = value_of(on.open("p", {.read = false, .write = true}));
  writer.reset();
  CHECK(reader->wait_ready(false, steady_time{}) == true);
}

TEST_CASE("writing to a FIFO without readers fails and raises no signal") {
  ON_EACH_DISK(on);
  on.make_fifo("p");
  auto reader = value_of(on.open("p"));
  auto writer = value_of(on.open("p", {.read = false, .write = true}));
  value_of(writer->write(bytes_of("a")));
  reader.reset();
  CHECK(error_of(writer->write(bytes_of("b"))) == EPIPE);
  CHECK(error_of(writer->write(bytes_of("b"))) == EPIPE);
  CHECK(writer->wait_ready(true, steady_time{}) == true);
}

TEST_CASE("writing to a full FIFO fails") {
  ON_EACH_DISK(on);
  on.make_fifo("p");
  auto reader = value_of(on.open("p"));
  auto writer = value_of(on.open("p", {.read = false, .write = true}));
  auto block = std::string(4096, 'x');
  size_t written = 0;
  auto put = writer->write(bytes_of(block));
  for (; put; put = writer->write(bytes_of(block)))
    written += *put;
  CHECK(put.error() == EAGAIN);
  CHECK(written == 65536);
  CHECK(writer->wait_ready(true, steady_time{}) == false);
  CHECK(read_text(*reader, 4096)->size() == 4096);
  CHECK(writer->wait_ready(true, steady_time{}) == true);
  CHECK(writer->write(bytes_of(std::string(10000, 'y'))) == 4096);
}

TEST_CASE("a FIFO has no offsets, no size and no durability") {
  ON_EACH_DISK(on);
  on.make_fifo("p");
  auto both = value_of(on.open("p", {.write = true}));
  CHECK(error_of(read_text(*both, 1, 0)) == ESPIPE);
  CHECK(error_of(both->write_at(0, bytes_of("x"))) == ESPIPE);
  CHECK(error_of(both->truncate(0)) == EINVAL);
  CHECK(error_of(both->sync(sync_mode::data)) == EINVAL);
  CHECK(error_of(on.open("p", {.write = true, .truncate = true})) == 0);
}

TEST_CASE("waiting for a FIFO ends when data comes") {
  ON_EACH_DISK(on);
  on.make_fifo("p");
  auto reader = value_of(on.open("p"));
  auto writer = value_of(on.open("p", {.read = false, .write = true}));
  std::thread other{[&] { value_of(writer->write(bytes_of("abc"))); }};
  CHECK(reader->wait_ready(false, kit::end_of_patience()) == true);
  other.join();
  CHECK(read_text(*reader, 4) == "abc");
}

TEST_CASE("waiting for a FIFO ends with the deadline") {
  ON_EACH_DISK(on);
  on.make_fifo("p");
  auto both = value_of(on.open("p", {.write = true}));
  auto until = std::chrono::steady_clock::now() + 20ms;
  CHECK(both->wait_ready(false, until) == false);
  CHECK(std::chrono::steady_clock::now() >= until);
}

TEST_CASE("waiting for a FIFO ends when the other end is closed") {
  ON_EACH_DISK(on);
  on.make_fifo("p");
  auto reader = value_of(on.open("p"));
  auto writer = value_of(on.open("p", {.read = false, .write = true}));
  std::thread other{[&] { writer.reset(); }};
  CHECK(reader->wait_ready(false, kit::end_of_patience()) == true);
  other.join();
  CHECK(read_text(*reader, 4) == "");
}
