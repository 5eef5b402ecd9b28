// Functions that memory_vfs has beyond those of a real file system.

#include "catch.hpp"
#include "vfs_disks.hpp"

#include <system_error>
#include <thread>

using namespace spindle;
using namespace spindle::fs;

using kit::bytes_of;
using kit::error_of;
using kit::read_text;
using kit::value_of;

namespace {

constexpr open_options to_read_and_write{.write = true, .create = true};

result<file_ptr> open(memory_vfs& disk, const std::string& path,
                      const open_options& how = {}) {
  return disk.open(disk.start(), path, how);
}

result<void> rename(memory_vfs& disk, const std::string& from,
                    const std::string& to,
                    rename_mode mode = rename_mode::replace) {
  return disk.rename(disk.start(), from, disk.start(), to, mode);
}

result<void> make_directory(memory_vfs& disk, const std::string& path) {
  return disk.make_directory(disk.start(), path, 0777);
}

result<void> remove_file(memory_vfs& disk, const std::string& path) {
  return disk.remove_file(disk.start(), path);
}

} // namespace

// -- set-up and inspection ----------------------------------------------------

TEST_CASE("tests can write, read and list the files in memory") {
  memory_vfs disk;
  disk.write_file("/f", "old");
  disk.write_file("f", "new");
  value_of(make_directory(disk, "d"));
  disk.write_file("d/g", "1");
  value_of(disk.make_link("f", disk.start(), "d/l"));
  disk.make_fifo("p");
  CHECK(disk.read_file("f") == "new");
  CHECK(disk.read_file("d") == std::nullopt);
  CHECK(disk.read_file("missing") == std::nullopt);
  CHECK(disk.tree()
        == "d/ 755\n"
           "d/g 644 \"1\"\n"
           "d/l -> f\n"
           "f 644 \"new\"\n"
           "p 644 fifo\n");
}

TEST_CASE("an impossible set-up throws") {
  memory_vfs disk;
  disk.write_file("f", "");
  CHECK_THROWS_AS(disk.write_file("missing/f", ""), std::system_error);
  CHECK_THROWS_AS(disk.make_fifo("f"), std::system_error);
  CHECK_THROWS_AS(disk.mount("f"), std::system_error);
  disk.set_capacity(2);
  CHECK_THROWS_AS(disk.write_file("f", "abc"), std::system_error);
}

TEST_CASE("the umask is an option") {
  memory_vfs disk{{.umask = 077}};
  disk.write_file("f", "");
  CHECK(disk.tree() == "f 600 \"\"\n");
}

TEST_CASE("the time advances only with changes") {
  memory_vfs disk;
  disk.write_file("f", "1");
  auto first = value_of(disk.stat(disk.start(), "f", true));
  CHECK(value_of(disk.stat(disk.start(), "f", true)) == first);
  auto file = value_of(open(disk, "f", to_read_and_write));
  value_of(file->write(bytes_of("2")));
  auto second = value_of(file->stat());
  CHECK(second.modified > first.modified);
  CHECK(second.changed > first.changed);
  CHECK(second.accessed == first.accessed);
}

TEST_CASE("files outlive their file system") {
  auto disk = std::make_unique<memory_vfs>();
  disk->write_file("f", "abc");
  auto file = value_of(open(*disk, "f"));
  disk.reset();
  CHECK(read_text(*file, 10) == "abc");
}

TEST_CASE("a very deep tree does not overflow the stack") {
  memory_vfs disk;
  auto base = value_of(disk.open_directory(disk.start(), ".", true));
  for (int depth = 0; depth < 100'000; ++depth) {
    value_of(disk.make_directory(*base, "d", 0777));
    base = value_of(disk.open_directory(*base, "d", true));
  }
  disk.sync_all();
  auto after = disk.after_crash(1);
  CHECK(error_of(after->stat(after->start(), "d/d/d", true)) == 0);
}

TEST_CASE("several threads may use one memory_vfs") {
  auto disk = std::make_shared<memory_vfs>();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([disk, i] {
      auto own = std::to_string(i);
      for (int round = 0; round < 200; ++round) {
        disk->write_file(own, own);
        value_of(rename(*disk, own, "shared"));
        if (auto file = open(*disk, "shared"))
          value_of(read_text(**file, 10));
        disk->after_crash(static_cast<uint64_t>(round));
      }
    });
  for (auto& thread : threads)
    thread.join();
  CHECK(disk->read_file("shared").value().size() == 1);
}

// -- capacity -----------------------------------------------------------------

TEST_CASE("a write to a full device is short, the next one fails") {
  memory_vfs disk;
  disk.set_capacity(5);
  auto file = value_of(open(disk, "f", to_read_and_write));
  CHECK(file->write(bytes_of("abc")) == 3);
  CHECK(file->write(bytes_of("def")) == 2);
  CHECK(error_of(file->write(bytes_of("f"))) == ENOSPC);
  CHECK(file->write_at(0, bytes_of("ABCDE")) == 5);
  auto space = value_of(disk.disk_space(disk.start(), "f"));
  CHECK(space == space_info{5, 0, 0});
}

TEST_CASE("the space of a file is freed with its last name and descriptor") {
  memory_vfs disk;
  disk.set_capacity(5);
  disk.write_file("f", "abcde");
  auto file = value_of(open(disk, "f"));
  value_of(remove_file(disk, "f"));
  CHECK_THROWS_AS(disk.write_file("g", "1"), std::system_error);
  file.reset();
  disk.write_file("g", "12345");
  disk.write_file("g", "123");
  disk.set_capacity(6);
  disk.write_file("h", "123");
  value_of(rename(disk, "h", "g"));
  CHECK(disk.disk_space(disk.start(), "/")->free == 3);
}

TEST_CASE("holes take no space until they are written") {
  memory_vfs disk;
  disk.set_capacity(6);
  auto free = [&] { return disk.disk_space(disk.start(), "/")->free; };
  auto file = value_of(open(disk, "f", to_read_and_write));
  value_of(file->truncate(1000));
  CHECK(free() == 6);
  CHECK(file->write_at(500, bytes_of("ab")) == 2);
  CHECK(file->write_at(504, bytes_of("ef")) == 2);
  CHECK(free() == 2);
  // Overwrites data, fills the hole, and stops where the device is full.
  CHECK(file->write_at(501, bytes_of("bcdefgh")) == 5);
  CHECK(free() == 0);
  CHECK(error_of(file->write_at(100, bytes_of("x"))) == ENOSPC);
  CHECK(file->find_data(0) == data_extent{500, 506});
  value_of(file->punch_hole(501, 3));
  CHECK(free() == 3);
  CHECK(file->find_data(501) == data_extent{504, 506});
  value_of(file->truncate(505));
  CHECK(free() == 4);
  file.reset();
  value_of(remove_file(disk, "f"));
  CHECK(free() == 6);
}

TEST_CASE(
  "a file with several names takes its space once, also after a crash") {
  memory_vfs disk;
  disk.set_capacity(100);
  disk.write_file("f", "abc");
  value_of(disk.make_hard_link(disk.start(), "f", disk.start(), "g"));
  CHECK(disk.disk_space(disk.start(), "/")->free == 97);
  disk.sync_all();
  auto after = disk.after_crash(1);
  CHECK(after->disk_space(after->start(), "/")->free == 97);
  auto f = value_of(after->stat(after->start(), "f", false));
  auto g = value_of(after->stat(after->start(), "g", false));
  CHECK(f.inode == g.inode);
  CHECK(f.links == 2);
  after->write_file("f", "x");
  CHECK(after->read_file("g") == "x");
}

TEST_CASE("no file is larger than one gibibyte") {
  memory_vfs disk;
  auto file = value_of(open(disk, "f", to_read_and_write));
  auto most = uint64_t{1} << 30;
  CHECK(error_of(file->write_at(most, bytes_of("x"))) == EFBIG);
  CHECK(error_of(file->truncate(most + 1)) == EFBIG);
}

// -- devices ------------------------------------------------------------------

TEST_CASE("a rename between devices fails") {
  memory_vfs disk;
  disk.mount("m");
  disk.write_file("f", "1");
  disk.write_file("m/g", "2");
  auto device = [&](const std::string& path) {
    return value_of(disk.stat(disk.start(), path, true)).device;
  };
  CHECK(device("f") != device("m"));
  CHECK(device("m") == device("m/g"));
  for (auto mode :
       {rename_mode::keep, rename_mode::replace, rename_mode::exchange}) {
    CHECK(error_of(rename(disk, "f", "m/f", mode)) == EXDEV);
    CHECK(error_of(rename(disk, "m/g", "f", mode)) == EXDEV);
  }
  CHECK(error_of(rename(disk, "m/g", "m/h")) == 0);
  auto to = value_of(open(disk, "f", to_read_and_write));
  auto from = value_of(open(disk, "m/h"));
  CHECK(error_of(to->copy_from(*from, 0, 0, 1)) == EXDEV);
  CHECK(error_of(to->clone_from(*from)) == EXDEV);
}

TEST_CASE("the root of a device cannot be renamed or removed") {
  memory_vfs disk;
  disk.mount("m");
  value_of(make_directory(disk, "d"));
  CHECK(error_of(disk.remove_directory(disk.start(), "m")) == EBUSY);
  CHECK(error_of(rename(disk, "m", "n")) == EBUSY);
  CHECK(error_of(rename(disk, "d", "m")) == EBUSY);
  CHECK(error_of(disk.remove_directory(disk.start(), "/")) == EBUSY);
}

TEST_CASE("cloning is an option") {
  memory_vfs disk{{.clones = true}};
  disk.write_file("f", "abc");
  auto from = value_of(open(disk, "f"));
  auto to = value_of(open(disk, "g", to_read_and_write));
  CHECK(error_of(to->clone_from(*from)) == 0);
  CHECK(disk.read_file("g") == "abc");
}

// -- FIFOs --------------------------------------------------------------------

TEST_CASE("tests control the other end of a FIFO") {
  memory_vfs disk;
  auto other = disk.make_fifo("p", 10);
  CHECK(error_of(open(disk, "p", {.read = false, .write = true})) == ENXIO);
  other->open_reader();
  auto writer = value_of(open(disk, "p", {.read = false, .write = true}));
  CHECK(writer->write(bytes_of("abcdef")) == 6);
  CHECK(error_of(writer->write(bytes_of("ghijk"))) == EAGAIN);
  CHECK(writer->write(bytes_of("ghijklmnopq")) == 4);
  CHECK(writer->wait_ready(true, steady_time{}) == false);
  CHECK(other->take(2) == "ab");
  CHECK(other->take() == "cdefghij");
  CHECK(writer->wait_ready(true, steady_time{}) == true);
  other->close_reader();
  CHECK(error_of(writer->write(bytes_of("x"))) == EPIPE);

  auto reader = value_of(open(disk, "p"));
  CHECK(other->put("abcdefghijkl") == 10);
  CHECK(read_text(*reader, 20) == "abcdefghij");
  CHECK(error_of(read_text(*reader, 20)) == EAGAIN);
  writer.reset();
  CHECK(read_text(*reader, 20) == "");
}
