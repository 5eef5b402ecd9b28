// Attributes that copies and moves to another device keep, and the errors if
// they cannot.

#include "catch.hpp"
#include "failure_of.hpp"
#include "two_devices.hpp"

#include <grp.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace spindle;
using namespace spindle::fs;
using kit::code_of;
using kit::copy_directory;
using kit::copy_file;
using kit::failure_of;
using kit::mib;
using kit::output_of;
using kit::two_devices;
using kit::value_of;

namespace {

/// Sets an owner, permissions and attributes.
void mark(open_object& what, uint32_t permissions) {
  value_of(what.set_owner({.user = 12, .group = 34}));
  value_of(what.set_attribute("user.a", "1"));
  value_of(what.set_attribute("system.posix_acl_access", "list"));
  value_of(what.set_permissions(permissions));
}

/// Returns what `mark` has set, as one line.
std::string marks_of(open_object& what) {
  auto info = value_of(what.stat());
  auto res = std::to_string(info.user) + ':' + std::to_string(info.group) + ' ';
  for (auto& name : value_of(what.attribute_names()))
    res += name + '=' + value_of(what.attribute(name)) + ' ';
  std::ostringstream mode;
  mode << std::oct << info.permissions;
  return res + mode.str();
}

const std::string marked = "12:34 system.posix_acl_access=list user.a=1 ";

} // namespace

// -- owners, attributes, access control lists ---------------------------------

TEST_CASE("a move and a preserving copy keep all attributes") {
  two_devices on;
  on.memory->write_file("f", "text");
  mark(*on.open("f"), 06751);
  on.make_directory("d");
  on.make_directory("d/sub");
  on.memory->write_file("d/sub/f", "text");
  value_of(on.memory->make_link("f", on.memory->start(), "d/sub/link"));
  mark(*on.open("d/sub/f"), 0400);
  mark(*on.open_directory("d/sub"), 02750);
  mark(*on.open_directory("d"), 0700);
  auto& start = on.memory->start();
  auto link = value_of(on.memory->open_link(start, "d/sub/link"));
  value_of(link->set_owner({.user = 12, .group = 34}));
  value_of(link->set_attribute("trusted.a", "1"));
  auto what = GENERATE("preserving copy", "move");
  CHECK(copy_file(on, what) == failure{});
  CHECK(copy_directory(on, what) == failure{});
  CHECK(marks_of(*on.open("far/g")) == marked + "6751");
  CHECK(marks_of(*on.open("far/e/sub/f")) == marked + "400");
  CHECK(marks_of(*on.open_directory("far/e/sub")) == marked + "2750");
  CHECK(marks_of(*on.open_directory("far/e")) == marked + "700");
  auto copy = value_of(on.memory->open_link(start, "far/e/sub/link"));
  CHECK(marks_of(*copy) == "12:34 trusted.a=1 777");
}

TEST_CASE("a copy without preserve belongs to the user who made it") {
  two_devices on;
  on.memory->write_file("f", "text");
  mark(*on.open("f"), 06751);
  CHECK(copy_file(on, "copy") == failure{});
  CHECK(marks_of(*on.open("far/g")) == "0:0 751");
}

TEST_CASE(
  "an access control list inherited from the target's directory is removed") {
  // The observer sets the list as the system would.
  two_devices on;
  on.memory->write_file("f", "text");
  on.files.plan().observe([&](call_kind kind, const std::string& path) {
    if (kind == call_kind::clone)
      value_of(on.open(path)->set_attribute("system.posix_acl_access", "x"));
  });
  CHECK(copy_file(on, GENERATE("preserving copy", "move")) == failure{});
  CHECK(marks_of(*on.open("far/g")) == "0:0 644");
}

TEST_CASE("a move that cannot keep an attribute names it and moves nothing") {
  two_devices on;
  on.memory->write_file("f", "text");
  on.make_directory("d");
  on.memory->write_file("d/f", "text");
  mark(*on.open("f"), 04755);
  mark(*on.open("d/f"), 04755);
  auto what = GENERATE("preserving copy", "move");
  auto [kind, sys_errno, thing] = GENERATE(
    std::tuple{call_kind::set_owner, EPERM, "the group"},
    std::tuple{call_kind::set_attribute, EOPNOTSUPP, "the attribute user.a"});
  CAPTURE(what, thing);
  on.files.plan().fail_all(kind, sys_errno);
  auto before = on.memory->tree();
  auto why = copy_file(on, what);
  auto is_move = what == std::string{"move"};
  CHECK(why.sys_errno == sys_errno);
  CHECK(why.path == "far/g");
  CHECK(why.detail
        == std::string{"cannot be kept there: "} + thing
             + (is_move ? "; a lossy move goes on without it" : ""));
  CHECK(on.memory->tree() == before);
  why = copy_directory(on, what);
  CHECK(why.code == errc::partial_failure);
  CHECK(why.entries == std::vector<entry_failure>{{"f", sys_errno}});
  CHECK(why.detail.find(std::string{"cannot be kept there: "} + thing)
        != std::string::npos);
  if (is_move)
    CHECK(on.memory->tree() == before);
}

TEST_CASE("a lossy move drops the attributes that cannot be kept") {
  two_devices on;
  on.memory->write_file("f", "text");
  on.make_directory("d");
  on.memory->write_file("d/f", "text");
  on.link("d/f", "d/g");
  mark(*on.open("f"), 06751);
  mark(*on.open("d/f"), 0640);
  on.files.plan().fail_all(call_kind::set_owner, EPERM);
  on.files.plan().fail_all(call_kind::set_attribute, EOPNOTSUPP);
  on.files.plan().fail_all(call_kind::make_hard_link, EPERM);
  CHECK(on.run(file_move{.path = "f", .target = "far/g", .lossy = true})
        == failure{});
  // The set-user-ID and set-group-ID bits are dropped along with the owner.
  CHECK(marks_of(*on.open("far/g")) == "0:0 751");
  CHECK(on.run(directory_move{.path = "d", .target = "far/e", .lossy = true})
        == failure{});
  CHECK(marks_of(*on.open("far/e/g")) == "0:0 640");
  CHECK(on.memory->read_file("far/e/f") == "text");
  CHECK(on.memory->read_file("far/e/g") == "text");
  CHECK(on.memory->read_file("d/f") == std::nullopt);
}

TEST_CASE("a lossy move fails on an I/O error") {
  two_devices on;
  on.memory->write_file("f", "text");
  mark(*on.open("f"), 0600);
  auto kind = GENERATE(call_kind::set_owner, call_kind::set_attribute,
                       call_kind::read_attribute);
  on.files.plan().fail(kind, 1, EIO);
  CHECK(on.run(file_move{.path = "f", .target = "far/g", .lossy = true}).code
        == errc::io_error);
  CHECK(on.memory->read_file("f") == "text");
  CHECK(on.memory->read_file("far/g") == std::nullopt);
}

TEST_CASE("labels assigned by the system are kept if possible") {
  two_devices on;
  on.memory->write_file("f", "text");
  value_of(on.open("f")->set_attribute("security.selinux", "label"));
  auto possible = GENERATE(false, true);
  if (!possible)
    on.files.plan().fail_all(call_kind::set_attribute, EPERM);
  CHECK(copy_file(on, GENERATE("preserving copy", "move")) == failure{});
  CHECK(marks_of(*on.open("far/g"))
        == (possible ? "0:0 security.selinux=label 644" : "0:0 644"));
}

// -- hard links ---------------------------------------------------------------

TEST_CASE("hard links within a directory are kept") {
  two_devices on;
  on.make_directory("d");
  on.make_directory("d/a");
  on.make_directory("d/a/b");
  on.memory->write_file("d/f", "text");
  on.memory->write_file("d/a/outside", "other");
  on.link("d/f", "d/a/g");
  on.link("d/f", "d/a/b/h");
  on.link("d/a/outside", "outside");
  auto what = GENERATE("copy", "preserving copy", "move");
  CHECK(copy_directory(on, what) == failure{});
  auto is_copy = what == std::string{"copy"};
  for (auto name : {"far/e/f", "far/e/a/g", "far/e/a/b/h"}) {
    CHECK(on.stat(name).links == (is_copy ? 1 : 3));
    CHECK((on.stat(name).inode == on.stat("far/e/f").inode)
          == (!is_copy || name == std::string{"far/e/f"}));
    CHECK(on.memory->read_file(name) == "text");
  }
  CHECK(on.stat("far/e/a/outside").links == 1);
  CHECK(on.memory->read_file("outside") == "other");
}

TEST_CASE("a move that cannot keep hard links moves nothing") {
  two_devices on;
  on.make_directory("d");
  on.memory->write_file("d/f", "text");
  on.link("d/f", "d/g");
  auto before = on.memory->tree();
  on.files.plan().fail_all(call_kind::make_hard_link, GENERATE(EPERM, EMLINK));
  auto why = copy_directory(on, "move");
  CHECK(why.code == errc::partial_failure);
  CHECK(why.detail.find("cannot be kept there: hard links; a lossy move")
        != std::string::npos);
  CHECK(on.memory->tree() == before);
}

TEST_CASE("hard links are kept however deep they are") {
  kit::op_disk d{GENERATE("posix", "rooted")};
  value_of(d.make_directory("x"));
  d.put("x/f", "text");
  auto first = value_of(d.open_directory("x"));
  auto here = value_of(d.open_directory("x"));
  auto name = std::string(250, 'n');
  for (int i = 0; i < 40; ++i) {
    value_of(d.files().make_directory(*here, name, 0755));
    here = value_of(d.files().open_directory(*here, name, false));
  }
  value_of(d.files().make_hard_link(*first, "f", *here, "g"));
  output_of(
    d(directory_copy{.path = d / "x", .target = d / "y", .preserve = true}));
  CHECK(value_of(d.stat("y/f")).links == 2);
  for (auto top : {"x", "y"})
    output_of(d(directory_delete{d / top}));
}

// -- setgid directories -------------------------------------------------------

TEST_CASE("entries created in a setgid directory get its group and the bit") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  if (::geteuid() != 0)
    return;
  value_of(d.make_directory("d"));
  value_of(d.make_directory("d/sub"));
  d.put("d/sub/f", "text");
  value_of(d.make_directory("team"));
  auto team = value_of(d.open_directory("team"));
  value_of(team->set_owner({.user = {}, .group = 34}));
  value_of(team->set_permissions(02775));
  auto overwrite = GENERATE(false, true);
  output_of(d(directory_copy{
    .path = d / "d", .target = d / "team/d", .overwrite = overwrite}));
  output_of(d(file_copy{d / "d/sub/f", d / "team/f"}));
  output_of(d(directory_create{d / "team/new"}));
  for (auto name : {"team/d", "team/d/sub", "team/new"}) {
    CAPTURE(name);
    CHECK(d.permissions(name) == 02755);
    CHECK(value_of(d.stat(name)).group == 34);
  }
  for (auto name : {"team/d/sub/f", "team/f"}) {
    CHECK(d.permissions(name) == 0644);
    CHECK(value_of(d.stat(name)).group == 34);
  }
  // A preserving copy keeps the group and permissions of the source.
  output_of(d(directory_copy{
    .path = d / "d", .target = d / "team/same", .preserve = true}));
  CHECK(d.permissions("team/same/sub") == 0755);
  CHECK(value_of(d.stat("team/same/sub")).group == 0);
}

// -- real devices -------------------------------------------------------------

namespace {

/// Two directories, on different devices if the machine has two.
struct two_places {
  kit::temp_dir near;
  kit::temp_dir far{"/dev/shm"};
  posix_vfs files;

  bool are_two_devices() {
    return value_of(files.stat(files.start(), near.path(), true)).device
        != value_of(files.stat(files.start(), far.path(), true)).device;
  }

  file_ptr make(const std::string& path) {
    return value_of(
      files.open(files.start(), path, {.write = true, .create = true}));
  }
};

bool has_shm() {
  return std::filesystem::is_directory("/dev/shm");
}

template <class Act>
std::string result_without_privileges(Act act) {
  if (::geteuid() == 0
      && (::setgroups(0, nullptr) == -1
          || ::setresgid(65534, 65534, 65534) == -1
          || ::setresuid(65534, 65534, 65534) == -1))
    return "cannot drop privileges";
  try {
    return act();
  } catch (const std::exception& why) {
    return why.what();
  }
}

/// Calls `act` in a child process without privileges; returns its result.
template <class Act>
std::string without_privileges(Act act) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  auto child = ::fork();
  REQUIRE(child != -1);
  if (child == 0) {
    auto text = result_without_privileges(act);
    auto put = ::write(ends[1], text.data(), text.size());
    ::_exit(put == static_cast<ssize_t>(text.size()) ? 0 : 1);
  }
  ::close(ends[1]);
  std::string res;
  char block[4096];
  for (ssize_t n; (n = ::read(ends[0], block, sizeof(block))) > 0;)
    res.append(block, static_cast<size_t>(n));
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  CHECK(status == 0);
  return res;
}

} // namespace

TEST_CASE("a move between real devices keeps all attributes") {
  if (!has_shm() || ::geteuid() != 0)
    return;
  two_places on;
  if (!on.are_two_devices())
    return;
  auto file = on.make(on.near / "f");
  value_of(file->write_at(20 * mib, kit::bytes_of("end")));
  // user::rw-, user:12:r--, group::r--, mask::rw-, other::---
  const auto list
    = std::string{"\2\0\0\0\1\0\6\0\xff\xff\xff\xff\2\0\4\0\x0c\0\0\0"
                  "\4\0\4\0\xff\xff\xff\xff\x10\0\6\0\xff\xff\xff\xff"
                  "\x20\0\0\0\xff\xff\xff\xff",
                  44};
  value_of(file->set_owner({.user = 12, .group = 34}));
  value_of(file->set_permissions(0660));
  auto can_have = [&](open_object& what) {
    return kit::error_of(what.set_attribute("user.a", "1")) == 0
        && kit::error_of(what.set_attribute("system.posix_acl_access", list))
             == 0;
  };
  if (!can_have(*file))
    return;
  auto can_be_kept = can_have(*on.make(on.far / "probe"));
  auto moved = kit::perform(on.files, file_move{on.near / "f", on.far / "f"});
  if (!can_be_kept) {
    CHECK(failure_of(moved).detail.find("cannot be kept") != std::string::npos);
    return;
  }
  output_of(std::move(moved));
  auto copy = value_of(on.files.open(on.files.start(), on.far / "f", {}));
  auto info = value_of(copy->stat());
  CHECK(info.user == 12);
  CHECK(info.group == 34);
  CHECK(info.permissions == 0660);
  CHECK(info.size == 20 * mib + 3);
  CHECK(info.allocated < mib);
  CHECK(copy->attribute("user.a") == "1");
  CHECK(copy->attribute("system.posix_acl_access") == list);
}

TEST_CASE("a user without the right to set owners needs a lossy move") {
  if (!has_shm() || ::geteuid() != 0)
    return;
  two_places on;
  if (!on.are_two_devices())
    return;
  for (auto& place : {on.near.path(), on.far.path()})
    value_of(on.files.set_permissions(on.files.start(), place, 0777));
  value_of(on.make(on.near / "f")->set_permissions(0644));
  auto said = without_privileges([&] {
    auto op = file_move{on.near / "f", on.far / "f"};
    auto first = failure_of(kit::perform(on.files, op));
    op.lossy = true;
    return first.detail + " / " + code_of(kit::perform(on.files, op));
  });
  CHECK(said
        == "cannot be kept there: the group; a lossy move goes on without it "
           "/ none");
}

TEST_CASE("an incomplete tree is removed even if its permissions forbid it") {
  if (!has_shm())
    return;
  two_places on;
  if (!on.are_two_devices())
    return;
  for (auto& place : {on.near.path(), on.far.path()})
    value_of(on.files.set_permissions(on.files.start(), place, 0777));
  auto what = GENERATE("move", "copy", "copy over");
  auto said = without_privileges([&] {
    auto& start = on.files.start();
    auto top = on.near / "d";
    for (auto name : {"", "/a", "/a/b", "/c"})
      value_of(on.files.make_directory(start, top + name, 0755));
    for (auto name : {"/a/f", "/a/b/f", "/c/f"})
      on.make(top + name);
    // The copy of the FIFO fails after the other entries are complete.
    if (::mkfifo((top + "/pipe").c_str(), 0600) == -1)
      return std::string{"no FIFO"};
    for (auto name : {"/a/b", "/a", "/c", ""})
      value_of(on.files.set_permissions(start, top + name, 0555));
    auto why
      = what == std::string{"move"}
        ? failure_of(kit::perform(on.files, directory_move{top, on.far / "e"}))
        : failure_of(kit::perform(
          on.files, directory_copy{.path = top,
                                   .target = on.far / "e",
                                   .overwrite = what != std::string{"copy"}}));
    for (auto name : {"", "/a", "/a/b", "/c"})
      value_of(on.files.set_permissions(start, top + name, 0755));
    auto left = value_of(kit::read_entries(
      *value_of(on.files.open_directory(start, on.far.path(), false))));
    auto names = std::string{};
    for (auto& entry : left)
      names += ' ' + entry.name;
    return to_string(why.code) + names
         + (why.detail.find(".spindle") == std::string::npos ? ""
                                                             : " leftover");
  });
  // A copy without `overwrite` keeps the entries that it could copy.
  CHECK(
    said
    == (what == std::string{"copy"} ? "partial_failure e" : "partial_failure"));
}

// -- messages -----------------------------------------------------------------

TEST_CASE("the message of a move that fails at once has no empty clause") {
  two_devices on;
  on.make_directory("d");
  on.files.plan().fail(call_kind::make_directory, 1, ENOSPC);
  auto why = copy_directory(on, "move");
  CHECK(to_string(why)
        == "directory_move \"far/e\": no_space (No space left on device, errno "
           "28): the source was left as it is: make room, or choose another "
           "place");
}
