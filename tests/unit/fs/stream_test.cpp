#include "catch.hpp"
#include "patience.hpp"
#include "temp_dir.hpp"

#include "spindle/fs/execute.hpp"
#include "spindle/fs/holes.hpp"
#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/posix/posix_vfs.hpp"
#include "spindle/fs/stream.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace spindle;
using namespace spindle::fs;
using namespace std::literals;

namespace {

std::span<const std::byte> raw(std::string_view text) {
  return std::as_bytes(std::span{text});
}

steady_time soon() {
  return std::chrono::steady_clock::now() + 1ms;
}

/// Writes `text` in steps of two bytes.
attempt<void> write_in_steps(stream& to, std::string_view text) {
  for (; !text.empty(); text.remove_prefix(std::min<size_t>(2, text.size()))) {
    auto put = to.write(raw(text.substr(0, 2)), soon());
    if (!put)
      return tl::unexpected{put.error()};
  }
  return to.finish();
}

std::string content(vfs& disk, const std::string& path) {
  auto res = execute(disk, file_read{.path = path});
  if (!res)
    return to_string(res.error().code);
  return std::string{std::get<buffer>(*res).text()};
}

bool is_open(int descriptor) {
  return ::fcntl(descriptor, F_GETFD) != -1;
}

/// Both ends of a pipe or a pair of sockets.
struct channel {
  explicit channel(bool sockets) {
    auto made = sockets ? ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data())
                        : ::pipe2(ends.data(), O_CLOEXEC);
    REQUIRE(made == 0);
    // A pair of sockets works in both directions.
    reader = ends[0];
    writer = ends[1];
  }

  ~channel() {
    ::close(reader);
    if (is_open(writer))
      ::close(writer);
  }

  std::array<int, 2> ends{};
  int reader;
  int writer;
};

} // namespace

TEST_CASE("a stream in steps has the same result as file_write") {
  auto disk = std::make_shared<memory_vfs>();
  auto mode
    = GENERATE(write_mode::truncate, write_mode::append, write_mode::create_new,
               write_mode::replace, write_mode::update);
  auto exists = GENERATE(false, true);
  auto offset = GENERATE(uint64_t{0}, uint64_t{3});
  CAPTURE(to_string(mode), exists, offset);
  for (std::string path : {"once", "steps"})
    if (exists)
      execute(*disk, file_write{.path = path, .data = buffer{"0123456789"sv}});
  auto once = execute(*disk, file_write{.path = "once",
                                        .data = buffer{"abcde"sv},
                                        .mode = mode,
                                        .offset = offset});
  stream to{disk, {.path = "steps", .mode = mode, .offset = offset}};
  auto steps = write_in_steps(to, "abcde");
  REQUIRE(steps.has_value() == once.has_value());
  if (!once) {
    CHECK(steps.error().code == once.error().code);
    CHECK(steps.error().detail == once.error().detail);
  }
  CHECK(content(*disk, "steps") == content(*disk, "once"));
}

TEST_CASE("an unfinished stream leaves only the part that it wrote") {
  auto disk = std::make_shared<memory_vfs>();
  {
    stream to{disk, {.path = "new", .mode = write_mode::replace}};
    REQUIRE(to.write(raw("abc"), soon()));
    stream part{disk, {.path = "part"}};
    REQUIRE(part.write(raw("abc"), soon()));
  }
  CHECK(content(*disk, "new") == "not_found");
  CHECK(content(*disk, "part") == "abc");
  auto left = execute(*disk, directory_contents{.path = "."});
  CHECK(std::get<directory_listing>(left.value()).size() == 1);
}

TEST_CASE("a failure ends a stream, and removes its temporary file") {
  auto disk = std::make_shared<memory_vfs>();
  auto faulty = std::make_shared<faulty_vfs>(disk);
  auto mode = GENERATE(write_mode::truncate, write_mode::replace);
  auto kind = GENERATE(call_kind::open, call_kind::write, call_kind::sync,
                       call_kind::close, call_kind::rename);
  CAPTURE(to_string(mode), to_string(kind));
  execute(*disk, file_write{.path = "a", .data = buffer{"old"sv}});
  faulty->plan().fail_all(kind, EIO);
  {
    stream to{faulty,
              {.path = "a", .mode = mode, .durability = durability::full}};
    auto res = write_in_steps(to, "abcde");
    auto harmless = mode == write_mode::truncate && kind == call_kind::rename;
    REQUIRE(res.has_value() == harmless);
    if (!res) {
      CHECK(res.error().sys_errno == EIO);
      CHECK(res.error().path == "a");
      CHECK(!to.write(raw("x"), soon()));
      CHECK(!to.finish());
    }
  }
  faulty->plan().clear();
  if (mode == write_mode::replace)
    CHECK(content(*disk, "a") == "old");
  auto left = execute(*disk, directory_contents{.path = "."});
  CHECK(std::get<directory_listing>(left.value()).size() == 1);
}

TEST_CASE("a failed stream reports how much is in its target") {
  auto disk = std::make_shared<memory_vfs>();
  auto faulty = std::make_shared<faulty_vfs>(disk);
  execute(*disk, file_write{.path = "a", .data = buffer{"0123456"sv}});
  // The third step or the finish fails.
  auto fail = [&](stream_target target, call_kind kind, size_t nth) {
    target.path = "a";
    stream to{faulty, target};
    faulty->plan().fail(kind, nth, EIO);
    auto why = write_in_steps(to, "abcdefg").error();
    faulty->plan().clear();
    to.tell_extent(why);
    return std::to_string(why.done) + ' ' + why.detail;
  };
  auto all = durability::full;
  SECTION("by the offset in the file") {
    CHECK(fail({}, call_kind::write, 3) == "4 written up to offset 4");
    CHECK(content(*disk, "a") == "abcd");
    CHECK(fail({.offset = 2}, call_kind::write, 3)
          == "4 written up to offset 6");
    CHECK(content(*disk, "a") == "ababcd");
    CHECK(fail({.mode = write_mode::update, .offset = 1}, call_kind::write, 2)
          == "2 written up to offset 3");
    CHECK(content(*disk, "a") == "aabbcd");
  }
  SECTION("which differs from the written length with append") {
    CHECK(fail({.mode = write_mode::append}, call_kind::write, 3)
          == "4 written up to offset 11");
    CHECK(content(*disk, "a") == "0123456abcd");
  }
  SECTION("by the number of bytes if others append as well") {
    stream to{faulty, {.path = "a", .mode = write_mode::append}};
    REQUIRE(to.write(raw("abc"), soon()));
    execute(*disk, file_write{.path = "a",
                              .data = buffer{"other"sv},
                              .mode = write_mode::append});
    faulty->plan().fail(call_kind::write, 1, EIO);
    auto why = to.write(raw("def"), soon()).error();
    to.tell_extent(why);
    CHECK(why.done == 3);
    CHECK(why.detail == "3 bytes are written");
  }
  SECTION("nothing with replace") {
    auto how = stream_target{.mode = write_mode::replace, .durability = all};
    CHECK(fail(how, call_kind::write, 3) == "0 the target is as it was");
    CHECK(fail(how, call_kind::sync, 1) == "0 the target is as it was");
    CHECK(fail(how, call_kind::rename, 1) == "0 the target is as it was");
    CHECK(content(*disk, "a") == "0123456");
  }
  SECTION("everything if only its name may be lost") {
    auto mode = GENERATE(write_mode::replace, write_mode::truncate);
    CHECK(fail({.mode = mode, .durability = all}, call_kind::sync_directory, 1)
          == "7 the change is visible, but its directory could not be synced, "
             "so a crash may undo it; all of it is written");
    CHECK(content(*disk, "a") == "abcdefg");
  }
  SECTION("unknown if the sync failed") {
    CHECK(fail({.durability = all}, call_kind::sync, 1)
          == "0 nothing is known of what was written");
  }
  SECTION("no text if the target could not be opened") {
    CHECK(fail({}, call_kind::open, 1) == "0 ");
  }
}

TEST_CASE("a failed stream to a descriptor reports the offset in its file") {
  kit::temp_dir dir;
  auto path = dir.path() + "/a";
  auto flags = GENERATE(0, O_APPEND);
  auto file
    = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
  REQUIRE(::write(file, "head ", 5) == 5);
  if (flags == O_APPEND)
    REQUIRE(::lseek(file, 0, SEEK_SET) == 0);
  stream to{nullptr, {.descriptor = file}};
  REQUIRE(to.write(raw("abc"), soon()));
  SECTION("if no other process moved the position") {
    to.abandon();
    failure why;
    to.tell_extent(why);
    CHECK(why.done == 3);
    CHECK(why.detail == "written up to offset 8");
  }
  SECTION("but not bytes that others wrote through it") {
    REQUIRE(::write(file, "x", 1) == 1);
    to.abandon();
    failure why;
    to.tell_extent(why);
    CHECK(why.detail == "3 bytes are written");
  }
  ::close(file);
}

TEST_CASE("a failed stream to a pipe reports no offset") {
  channel ends{GENERATE(false, true)};
  stream to{nullptr, {.descriptor = ends.writer}};
  REQUIRE(to.write(raw("abc"), soon()));
  to.abandon();
  failure why;
  to.tell_extent(why);
  CHECK(why.done == 3);
  CHECK(why.detail == "3 bytes are written");
}

TEST_CASE("a stream leaves holes for zeros") {
  auto disk = std::make_shared<memory_vfs>();
  auto faulty = std::make_shared<faulty_vfs>(disk);
  auto mode
    = GENERATE(write_mode::truncate, write_mode::create_new,
               write_mode::replace, write_mode::update, write_mode::append);
  auto step = GENERATE(size_t{100'000}, hole_block, size_t{1} << 20);
  CAPTURE(to_string(mode), step);
  std::string old;
  if (mode != write_mode::create_new) {
    old = std::string(hole_block, 'o');
    execute(*disk, file_write{.path = "a", .data = buffer{old}});
  }
  auto all = std::string(hole_block, 'x') + std::string(8 * hole_block, '\0')
           + "some" + std::string(8 * hole_block, '\0');
  stream to{faulty, {.path = "a", .mode = mode, .leave_holes = true}};
  for (size_t i = 0; i < all.size(); i += step) {
    auto put = to.write(raw(std::string_view{all}.substr(i, step)), soon());
    REQUIRE(put);
    CHECK(*put == std::min(step, all.size() - i));
  }
  auto appended = mode == write_mode::append;
  SECTION("in a complete stream") {
    REQUIRE(to.finish());
    CHECK(content(*disk, "a") == (appended ? old : "") + all);
    auto info = *disk->stat(disk->start(), "a", false);
    auto is_new = !appended && mode != write_mode::update;
    CHECK((info.allocated < info.size) == is_new);
  }
  SECTION("and fails if it cannot") {
    if (mode == write_mode::truncate || mode == write_mode::replace) {
      faulty->plan().fail(call_kind::truncate, 1, EIO);
      auto why = to.finish().error();
      to.tell_extent(why);
      CHECK(why.sys_errno == EIO);
      CHECK(why.done == 0);
      CHECK(why.detail
            == (mode == write_mode::replace
                  ? "the target is as it was"
                  : "nothing is known of what was written"));
    }
  }
  SECTION("also in a stream that ends early") {
    to.abandon();
    failure why;
    to.tell_extent(why);
    if (mode == write_mode::replace) {
      CHECK(content(*disk, "a") == old);
    } else {
      CHECK(content(*disk, "a") == (appended ? old : "") + all);
      CHECK(why.done == all.size());
    }
  }
}

TEST_CASE("a stream without data creates an empty file") {
  auto disk = std::make_shared<memory_vfs>();
  stream to{disk, {.path = "a"}};
  CHECK(to.finish());
  CHECK(content(*disk, "a").empty());
}

TEST_CASE("a finished stream with replace survives a crash") {
  auto disk = std::make_shared<memory_vfs>();
  stream to{
    disk,
    {.path = "a", .mode = write_mode::replace, .durability = durability::full}};
  REQUIRE(write_in_steps(to, "abcde"));
  for (uint64_t seed = 0; seed < 20; ++seed)
    CHECK(content(*disk->after_crash(seed), "a") == "abcde");
}

TEST_CASE("a stream to a pipe or socket never blocks, and continues later") {
  channel ends{GENERATE(false, true)};
  auto close = GENERATE(false, true);
  std::string all(1 << 22, 'x');
  for (size_t i = 0; i < all.size(); ++i)
    all[i] = static_cast<char>('a' + i % 23);
  stream to{nullptr, {.descriptor = ends.writer, .close_descriptor = close}};
  std::string got;
  size_t put = 0;
  auto waited = 0;
  std::string block(1 << 16, '\0');
  while (put < all.size()) {
    auto res = to.write(raw(std::string_view{all}.substr(put)), soon());
    REQUIRE(res);
    put += *res;
    CHECK(to.written() == put);
    if (put < all.size())
      ++waited;
    auto n = ::read(ends.reader, block.data(), block.size());
    REQUIRE(n > 0);
    got.append(block, 0, static_cast<size_t>(n));
  }
  CHECK(waited > 0);
  REQUIRE(to.finish());
  CHECK(is_open(ends.writer) != close);
  // The flags of the descriptor are unchanged.
  if (!close)
    CHECK((::fcntl(ends.writer, F_GETFL) & O_NONBLOCK) == 0);
  while (got.size() < all.size()) {
    auto n = ::read(ends.reader, block.data(), block.size());
    REQUIRE(n > 0);
    got.append(block, 0, static_cast<size_t>(n));
  }
  CHECK(got == all);
}

TEST_CASE("a stream without a reader fails, and raises no signal") {
  channel ends{GENERATE(false, true)};
  ::close(ends.reader);
  stream to{nullptr, {.descriptor = ends.writer, .close_descriptor = true}};
  auto res = to.write(raw("abc"), soon());
  REQUIRE(!res);
  CHECK(res.error().code == errc::no_reader);
  CHECK(!is_open(ends.writer));
  ends.reader = -1;
}

TEST_CASE("a stream to an open file starts at its position") {
  kit::temp_dir dir;
  auto path = dir.path() + "/a";
  auto flags = GENERATE(0, O_APPEND);
  auto file
    = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
  REQUIRE(file != -1);
  REQUIRE(::write(file, "head ", 5) == 5);
  {
    stream to{nullptr, {.descriptor = file, .durability = durability::data}};
    REQUIRE(write_in_steps(to, "abcde"));
  }
  REQUIRE(::write(file, " tail", 5) == 5);
  ::close(file);
  std::ifstream in{path};
  CHECK(std::string{std::istreambuf_iterator<char>{in}, {}}
        == "head abcde tail");
}

TEST_CASE("a stream to a pipe works after the main thread has ended") {
  channel ends{false};
  auto child = ::fork();
  REQUIRE(child != -1);
  if (child == 0) {
    // The main thread ends, and another one writes.
    std::thread{[writer = ends.writer] {
      auto mine = "/proc/self/fd/" + std::to_string(writer);
      kit::await([&] { return ::access(mine.c_str(), F_OK) != 0; });
      stream to{nullptr, {.descriptor = writer}};
      auto put = to.write(raw("abc"), soon());
      ::_exit(put && to.finish() ? 0 : 1);
    }}.detach();
    ::syscall(SYS_exit, 0);
  }
  int status = -1;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(status == 0);
}

TEST_CASE("descriptors that are not writable are refused") {
  auto code = [](int descriptor, uint64_t offset = 0) {
    stream to{nullptr, {.descriptor = descriptor, .offset = offset}};
    auto res = to.write(raw("abc"), soon());
    REQUIRE(!res);
    CHECK(res.error().path == "descriptor " + std::to_string(descriptor));
    return res.error().code;
  };
  CHECK(code(9999) == errc::system_error);
  auto readable = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  CHECK(code(readable) == errc::permission_denied);
  ::close(readable);
  channel ends{false};
  CHECK(code(ends.writer, 3) == errc::invalid_argument);
}
