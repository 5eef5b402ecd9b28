// A file system asks its plan before each call.

#include "catch.hpp"
#include "vfs_disks.hpp"

#include <functional>
#include <set>
#include <utility>
#include <vector>

using namespace spindle;
using namespace spindle::fs;

using kit::bytes_of;
using kit::error_of;
using kit::read_text;
using kit::value_of;

namespace {

struct faulty_fixture {
  std::shared_ptr<memory_vfs> memory = std::make_shared<memory_vfs>();
  faulty_vfs disk{memory};

  result<file_ptr> open(const std::string& path,
                        const open_options& how
                        = {.write = true, .create = true}) {
    return disk.open(disk.start(), path, how);
  }
};

/// Returns calls of each kind that succeed if made in this order.
std::vector<std::pair<call_kind, std::function<int()>>>
all_calls(faulty_fixture& box, file& file, directory& directory) {
  auto& disk = box.disk;
  auto& base = disk.start();
  auto text = bytes_of("x");
  using kind = call_kind;
  return {
    {kind::open, [&] { return error_of(box.open("f")); }},
    {kind::open_directory,
     [&] { return error_of(disk.open_directory(base, "/", true)); }},
    {kind::stat, [&] { return error_of(disk.stat(base, "f", true)); }},
    {kind::stat, [&] { return error_of(file.stat()); }},
    {kind::stat, [&] { return error_of(directory.stat()); }},
    {kind::make_directory,
     [&] { return error_of(disk.make_directory(base, "d", 0777)); }},
    {kind::remove_directory,
     [&] { return error_of(disk.remove_directory(base, "d")); }},
    {kind::make_link, [&] { return error_of(disk.make_link("f", base, "l")); }},
    {kind::read_link, [&] { return error_of(disk.read_link(base, "l")); }},
    {kind::open_link, [&] { return error_of(disk.open_link(base, "l")); }},
    {kind::make_hard_link,
     [&] { return error_of(disk.make_hard_link(base, "f", base, "h")); }},
    {kind::hold, [&] { return error_of(disk.hold(base, "l")); }},
    {kind::rename,
     [&] {
       return error_of(disk.rename(base, "l", base, "m", rename_mode::keep));
     }},
    {kind::remove_file, [&] { return error_of(disk.remove_file(base, "m")); }},
    {kind::remove_file,
     [&] { return error_of(disk.remove_and_hold(base, "h")); }},
    {kind::set_permissions,
     [&] { return error_of(disk.set_permissions(base, "f", 0600)); }},
    {kind::set_permissions,
     [&] { return error_of(file.set_permissions(0600)); }},
    {kind::set_permissions,
     [&] { return error_of(directory.set_permissions(0700)); }},
    {kind::set_owner, [&] { return error_of(file.set_owner({})); }},
    {kind::set_owner, [&] { return error_of(directory.set_owner({})); }},
    {kind::set_attribute,
     [&] { return error_of(file.set_attribute("user.a", "1")); }},
    {kind::read_attribute, [&] { return error_of(file.attribute("user.a")); }},
    {kind::read_attribute,
     [&] { return error_of(directory.attribute_names()); }},
    {kind::set_attribute,
     [&] { return error_of(file.remove_attribute("user.a")); }},
    {kind::set_times,
     [&] { return error_of(disk.set_times(base, "f", {}, true)); }},
    {kind::set_times, [&] { return error_of(file.set_times({})); }},
    {kind::disk_space, [&] { return error_of(disk.disk_space(base, "f")); }},
    {kind::write, [&, text] { return error_of(file.write(text)); }},
    {kind::write, [&, text] { return error_of(file.write_at(0, text)); }},
    {kind::read, [&] { return error_of(read_text(file, 1)); }},
    {kind::read, [&] { return error_of(read_text(file, 1, 0)); }},
    {kind::wait, [&] { return error_of(file.wait_ready(true, {})); }},
    {kind::copy, [&] { return error_of(file.copy_from(file, 0, 10, 1)); }},
    {kind::clone,
     [&] {
       // memory_vfs does not support cloning and has its own errno for that.
       auto error = error_of(file.clone_from(file));
       return error == EOPNOTSUPP ? 0 : error;
     }},
    {kind::find_data, [&] { return error_of(file.find_data(0)); }},
    {kind::punch_hole, [&] { return error_of(file.punch_hole(0, 1)); }},
    {kind::start_writeback,
     [&] { return error_of(file.start_writeback(0, 1)); }},
    {kind::truncate, [&] { return error_of(file.truncate(1)); }},
    {kind::sync, [&] { return error_of(file.sync(sync_mode::data)); }},
    {kind::list,
     [&] {
       std::vector<directory_entry> entries;
       return error_of(directory.read(entries));
     }},
    {kind::sync_directory, [&] { return error_of(directory.sync()); }},
    {kind::close, [&] { return error_of(value_of(box.open("f"))->close()); }},
  };
}

} // namespace

TEST_CASE("each kind of call fails on request, and is counted") {
  faulty_fixture box;
  auto file = value_of(box.open("f"));
  auto directory
    = value_of(box.disk.open_directory(box.disk.start(), "/", true));
  std::set<call_kind> kinds;
  for (auto& [kind, call] : all_calls(box, *file, *directory)) {
    CAPTURE(to_string(kind));
    kinds.insert(kind);
    auto before = box.disk.plan().calls(kind);
    box.disk.plan().fail(kind, 1, EIO);
    CHECK(call() == EIO);
    CHECK(call() == 0);
    CHECK(box.disk.plan().calls(kind) == before + 2);
  }
  CHECK(kinds.size() == call_kind_count);
}

TEST_CASE("a call that fails does nothing, but close closes") {
  faulty_fixture box;
  box.memory->set_capacity(3);
  auto file = value_of(box.open("f"));
  value_of(file->write(bytes_of("abc")));
  box.disk.plan().fail_all(call_kind::write, EIO);
  box.disk.plan().fail_all(call_kind::remove_file, EIO);
  box.disk.plan().fail_all(call_kind::close, EIO);
  CHECK(error_of(file->write_at(0, bytes_of("x"))) == EIO);
  CHECK(error_of(box.disk.remove_file(box.disk.start(), "f")) == EIO);
  CHECK(box.memory->read_file("f") == "abc");
  value_of(box.memory->remove_file(box.memory->start(), "f"));
  CHECK(error_of(file->close()) == EIO);
  // The space of the removed file is free, so it was closed.
  box.memory->write_file("g", "123");
}

TEST_CASE("transfers may be short") {
  faulty_fixture box;
  box.disk.plan().limit_transfers(2);
  auto file = value_of(box.open("f"));
  CHECK(file->write(bytes_of("abc")) == 2);
  CHECK(file->write_at(2, bytes_of("cde")) == 2);
  CHECK(file->write(bytes_of("")) == 0);
  CHECK(read_text(*file, 10) == "cd");
  CHECK(read_text(*file, 10, 1) == "bc");
  auto copy = value_of(box.open("g"));
  CHECK(copy->copy_from(*file, 0, 0, 10) == 2);
  box.disk.plan().clear();
  CHECK(read_text(*file, 10, 0) == "abcd");
}

TEST_CASE("an observer is called before each call") {
  faulty_fixture box;
  std::vector<std::string> seen;
  box.disk.plan().observe([&](call_kind kind, const std::string& path) {
    seen.push_back(to_string(kind) + " " + path);
  });
  auto& start = box.disk.start();
  value_of(box.disk.make_directory(start, "d", 0777));
  auto directory = value_of(box.disk.open_directory(start, "d", true));
  auto file
    = value_of(box.disk.open(*directory, "f", {.write = true, .create = true}));
  value_of(file->write(bytes_of("x")));
  value_of(box.disk.rename(*directory, "f", start, "g", rename_mode::replace));
  value_of(box.disk.stat(*directory, "/g", true));
  value_of(directory->sync());
  box.disk.plan().observe({});
  value_of(file->close());
  CHECK(seen
        == std::vector<std::string>{"make_directory d", "open_directory d",
                                    "open d/f", "write d/f", "rename d/f",
                                    "stat /g", "sync_directory d"});
}

TEST_CASE("an observer may use the disk, and order faults") {
  faulty_fixture box;
  box.disk.plan().observe([&](call_kind kind, const std::string& path) {
    if (kind == call_kind::open)
      box.memory->write_file(path, "swapped");
    if (kind == call_kind::read)
      box.disk.plan().fail(call_kind::read, 1, EIO);
  });
  auto file = value_of(box.open("f", {}));
  CHECK(read_text(*file, 10) == "swapped");
  CHECK(error_of(read_text(*file, 10)) == EIO);
}

TEST_CASE("files outlive the faulty file system") {
  auto disk = std::make_unique<faulty_vfs>(std::make_shared<memory_vfs>());
  auto file
    = value_of(disk->open(disk->start(), "f", {.write = true, .create = true}));
  disk->plan().fail(call_kind::write, 1, EIO);
  disk.reset();
  CHECK(error_of(file->write(bytes_of("x"))) == EIO);
  CHECK(error_of(file->write(bytes_of("x"))) == 0);
}
