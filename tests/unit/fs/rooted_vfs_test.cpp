// How a rooted_vfs confines its users. The conformance tests cover what it has
// in common with every vfs.

#include "catch.hpp"
#include "child.hpp"
#include "failure_of.hpp"
#include "site.hpp"
#include "vfs_calls.hpp"

#include "spindle/fs/posix/rooted_vfs.hpp"

#include <cstddef>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

using namespace spindle;
using namespace spindle::fs;

using kit::code_of;
using kit::error_of;
using kit::failure_of;
using kit::in_child;
using kit::site;
using kit::value_of;

namespace {

/// Makes openat2(2) fail in this process, by a seccomp filter.
bool forbid_openat2(uint32_t sys_errno) {
  sock_filter filter[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_openat2, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | sys_errno),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  sock_fprog program{std::size(filter), filter};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
      && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/// Result of a child process in which the set-up is impossible.
constexpr int unable = 99;

} // namespace

// -- the root -----------------------------------------------------------------

TEST_CASE("a root must be a directory that can be opened") {
  kit::temp_dir dir;
  auto code = [](const std::string& path) {
    return code_of(rooted_vfs::open(path, access_mode::read_only));
  };
  CHECK(code(dir.path()) == "none");
  CHECK(code(dir / "missing") == "not_found");
  CHECK(code("/dev/null") == "not_a_directory");
  CHECK(code("") == "not_found");
  CHECK(code(dir.path() + std::string{"\0x", 2}) == "invalid_argument");
  auto why
    = failure_of(rooted_vfs::open(dir / "missing", access_mode::read_only));
  CHECK(why.sys_errno == ENOENT);
  CHECK(to_string(why)
        == "confine \"" + (dir / "missing")
             + "\": not_found (No such file or directory, errno 2)");
}

TEST_CASE("a root is resolved once") {
  kit::temp_dir dir;
  std::filesystem::create_directory(dir / "old");
  std::filesystem::create_symlink("old", dir / "link");
  auto files = kit::rooted_at(dir / "link");
  std::filesystem::remove(dir / "link");
  std::filesystem::rename(dir / "old", dir / "new");
  value_of(files->make_directory(files->start(), "d", 0755));
  CHECK(std::filesystem::is_directory(dir / "new/d"));
}

TEST_CASE("paths of a rooted disk start at its root") {
  site on;
  CHECK(error_of(on.files().stat(on.files().start(), "f", true)) == 0);
  CHECK(on.files().stat(on.files().start(), ".", true)->inode
        == value_of(on.files().open_directory(on.files().start(), "d/..", true))
             ->stat()
             ->inode);
}

TEST_CASE("without openat2, a root cannot be opened") {
  auto why = GENERATE(ENOSYS, EPERM);
  kit::temp_dir dir;
  auto outcome = in_child([&] {
    if (!forbid_openat2(static_cast<uint32_t>(why)))
      return unable;
    auto res = rooted_vfs::open(dir.path(), access_mode::read_only);
    if (res || res.error().sys_errno != why)
      return 1;
    auto text = to_string(res.error());
    return text.find("openat2") == std::string::npos   ? 2
         : text.find("Linux 5.6") == std::string::npos ? 3
         : text.find(dir.path()) == std::string::npos  ? 4
                                                       : 0;
  });
  if (outcome == unable)
    WARN("skipped: system calls cannot be filtered here");
  else
    CHECK(outcome == 0);
}

TEST_CASE("without /proc, a root cannot be opened") {
  kit::temp_dir dir;
  auto outcome = in_child([&] {
    auto spaces = CLONE_NEWNS | (::geteuid() == 0 ? 0 : CLONE_NEWUSER);
    if (::unshare(spaces) == -1
        || ::mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) == -1
        || ::mount("none", "/proc", "tmpfs", 0, nullptr) == -1)
      return unable;
    auto res = rooted_vfs::open(dir.path(), access_mode::read_only);
    return !res
            && to_string(res.error()).find("/proc is needed")
                 != std::string::npos
           ? 0
           : 1;
  });
  if (outcome == unable)
    WARN("skipped: nothing can be mounted here");
  else
    CHECK(outcome == 0);
}

// -- confinement --------------------------------------------------------------

TEST_CASE("no path leads a call out of the root") {
  kit::disk on{"rooted"};
  on.put("f", "");
  value_of(on.make_directory("d"));
  value_of(on.make_directory("d/e"));
  value_of(on.make_link("..", "out"));
  value_of(on.make_link("d/../..", "out by d"));
  value_of(on.make_link("out", "to out"));
  value_of(on.make_link("/", "absolute"));
  value_of(on.make_link("/proc/self/cwd", "magic"));
  value_of(on.make_link("../d", "d/again"));
  // Does not exist, in case a call does look outside.
  const std::string name = "/spindle-nowhere";
  kit::for_each_call(on, [&](const char* what, auto call) {
    CAPTURE(what);
    for (auto parent :
         {"..", "./..", "d/../..", "d/e/../../..", "../../../..", "../.",
          "d/..//.././", "", "/", "/tmp", "out", "out/..", "out by d", "to out",
          "absolute", "absolute/tmp", "d/../out", "magic", "d/again/../out"}) {
      CAPTURE(parent);
      CHECK(call(parent + name) == EACCES);
    }
  });
  for (auto path : {"/", "//", "/..", "/tmp", "/tmp/"}) {
    CAPTURE(path);
    CHECK(error_of(on.open(path)) == EACCES);
    CHECK(error_of(on.open_directory(path)) == EACCES);
    CHECK(error_of(on.stat(path, true)) == EACCES);
    CHECK(error_of(on.stat(path, false)) == EACCES);
    CHECK(error_of(on.make_directory(path)) == EACCES);
    CHECK(error_of(on.read_link(path)) == EACCES);
  }
}

TEST_CASE("no last component leads a call out of the root") {
  site on;
  auto before = on.dump();
  auto& files = on.files();
  auto& root = on.root();
  for (auto path : {"..", "../", "d/../..", "out", "out/", "absolute",
                    "absolute inside", "out by d", "to out", "d/out"}) {
    CAPTURE(path);
    auto times = file_times{file_time{}, file_time{}};
    CHECK(error_of(files.open(root, path, {})) == EACCES);
    CHECK(error_of(files.open_directory(root, path, true)) == EACCES);
    CHECK(error_of(files.stat(root, path, true)) == EACCES);
    CHECK(error_of(files.set_permissions(root, path, 0777)) == EACCES);
    CHECK(error_of(files.set_times(root, path, times, true)) == EACCES);
    CHECK(error_of(files.disk_space(root, path)) == EACCES);
  }
  // The errors for these paths follow from the last component alone.
  for (std::string path : {"..", "d/../..", "d/e/../../../"}) {
    CAPTURE(path);
    auto up = path.ends_with('/') ? path + ".." : path;
    CHECK(error_of(files.make_directory(root, path, 0755)) == EEXIST);
    CHECK(error_of(files.make_link("x", root, path)) == EEXIST);
    CHECK(error_of(files.remove_file(root, path)) == EISDIR);
    CHECK(error_of(files.remove_and_hold(root, path)) == EISDIR);
    CHECK(error_of(files.remove_directory(root, path)) == ENOTEMPTY);
    for (auto mode : {rename_mode::replace, rename_mode::exchange}) {
      CHECK(error_of(files.rename(root, path, root, "x", mode)) == EBUSY);
      CHECK(error_of(files.rename(root, "f", root, path, mode)) == EBUSY);
    }
    CHECK(error_of(files.read_link(root, path)) == EACCES);
    CHECK(error_of(files.hold(root, path)) == EACCES);
  }
  CHECK(on.dump() == before);
}

TEST_CASE("nothing is created through a link that leads out") {
  site on;
  auto before = on.dump();
  open_options making{.write = true, .create = true, .truncate = true};
  for (auto path : {"new", "out/f", "out/new", "absolute/new", "d/out/f"})
    CHECK(error_of(on.files().open(on.root(), path, making)) == EACCES);
  CHECK(on.dump() == before);
}

TEST_CASE(
  "a link that leads out can be handled as long as it is not followed") {
  site on;
  auto& files = on.files();
  auto& root = on.root();
  CHECK(files.read_link(root, "out") == "../outside");
  CHECK(files.stat(root, "out", false)->type == file_type::symlink);
  CHECK(error_of(files.open(root, "out", {.follow = false})) == ELOOP);
  CHECK(error_of(files.open_directory(root, "out", false)) == ENOTDIR);
  auto time = file_time{std::chrono::seconds{1}};
  value_of(files.set_times(root, "out", {{}, time}, false));
  CHECK(files.stat(root, "out", false)->modified == time);
  CHECK(error_of(files.make_directory(root, "out", 0755)) == EEXIST);
  CHECK(error_of(files.make_directory(root, "out/", 0755)) == EEXIST);
  CHECK(error_of(files.remove_directory(root, "out/")) == ENOTDIR);
  CHECK(error_of(files.remove_file(root, "out/")) != 0);
  CHECK(error_of(files.remove_and_hold(root, "out/")) != 0);
  CHECK(error_of(files.rename(root, "out/", root, "x", rename_mode::keep))
        != 0);
  value_of(files.make_link("/etc/passwd", root, "made"));
  CHECK(files.read_link(root, "made") == "/etc/passwd");
  value_of(files.rename(root, "out", root, "moved", rename_mode::keep));
  value_of(files.remove_file(root, "moved"));
  CHECK(
    kit::value_of(posix_vfs{}.stat(posix_vfs{}.start(), on / "outside/f", true))
      .type
    == file_type::file);
}

TEST_CASE("links that stay inside are followed") {
  site on;
  auto& files = on.files();
  value_of(files.make_link("d/e/../../d/./f", on.root(), "winding"));
  for (auto path : {"d/../f", "d/e/../../f", "./d/.././f", "d/up", "winding"}) {
    CAPTURE(path);
    CHECK(error_of(files.open(on.root(), path, {})) == 0);
    CHECK(error_of(files.stat(on.root(), path, true)) == 0);
  }
}

TEST_CASE("paths cannot leave their base either") {
  site on;
  auto& files = on.files();
  auto d = value_of(files.open_directory(on.root(), "d", true));
  CHECK(error_of(files.stat(*d, "f", true)) == 0);
  CHECK(error_of(files.stat(*d, "e/../f", true)) == 0);
  CHECK(error_of(files.stat(*d, "../f", true)) == EACCES);
  CHECK(error_of(files.stat(*d, "..", true)) == EACCES);
  CHECK(error_of(files.stat(*d, "../d/f", true)) == EACCES);
  CHECK(error_of(files.stat(*d, "up", true)) == EACCES);
  CHECK(error_of(files.stat(*d, "up", false)) == 0);
  CHECK(error_of(files.make_directory(*d, "../x", 0755)) == EACCES);
  CHECK(error_of(files.rename(*d, "f", *d, "../x", rename_mode::keep))
        == EACCES);
  CHECK(error_of(files.rename(*d, "f", on.root(), "x", rename_mode::keep))
        == 0);
}

TEST_CASE("magic links of /proc are refused") {
  auto files = kit::rooted_at("/proc/self");
  auto& root = files->start();
  for (auto path : {"fd/0", "root", "cwd", "exe", "root/etc", "cwd/.", "fd/0/.",
                    "task/../root", "ns/mnt"}) {
    CAPTURE(path);
    CHECK(error_of(files->open(root, path, {})) == ELOOP);
    CHECK(error_of(files->open_directory(root, path, true)) == ELOOP);
    CHECK(error_of(files->stat(root, path, true)) == ELOOP);
    CHECK(error_of(files->disk_space(root, path)) == ELOOP);
  }
  CHECK(error_of(files->make_directory(root, "cwd/x", 0755)) == ELOOP);
  CHECK(error_of(files->remove_file(root, "root/x")) == ELOOP);
  CHECK(error_of(files->stat(root, "cwd", false)) == 0);
  CHECK(files->read_link(root, "root") == "/");
  CHECK(error_of(files->open(root, "status", {})) == 0);
}

TEST_CASE(
  "a directory that was moved out takes those with it who had it open") {
  site on;
  auto& files = on.files();
  auto e = value_of(files.open_directory(on.root(), "d/e", true));
  auto d = value_of(files.open_directory(on.root(), "d", true));
  std::filesystem::rename(on / "root/d", on / "outside/moved");
  // As documented: the open directory is used, wherever it was moved.
  CHECK(error_of(files.stat(*d, "f", true)) == 0);
  CHECK(error_of(files.make_directory(*e, "x", 0755)) == 0);
  // But its parents are not accessible.
  for (auto path : {"..", "../f", "../../outside/f", "e/../../f"})
    CHECK(error_of(files.stat(*d, path, true)) == EACCES);
  CHECK(error_of(files.stat(*e, "..", true)) == EACCES);
  CHECK(error_of(files.stat(on.root(), "d/f", true)) == ENOENT);
}

TEST_CASE("neither a hard link nor an open link leads out of its root") {
  site on;
  auto& files = on.files();
  auto& root = on.root();
  for (std::string path : {"../outside/f", "/etc/passwd", ".."}) {
    CAPTURE(path);
    CHECK(error_of(files.make_hard_link(root, path, root, "new")) == EACCES);
    CHECK(error_of(files.open_link(root, path)) == EACCES);
  }
  CHECK(error_of(files.make_hard_link(root, "f", root, "../outside/new"))
        == EACCES);
}

TEST_CASE("a path that changes during every attempt is busy") {
  kit::disk on{"rooted"};
  auto outcome = in_child([&] {
    if (!forbid_openat2(EAGAIN))
      return unable;
    return error_of(on.stat("x")) == EBUSY && error_of(on.open("x")) == EBUSY
           ? 0
           : 1;
  });
  if (outcome == unable)
    WARN("skipped: system calls cannot be filtered here");
  else
    CHECK(outcome == 0);
}

// -- devices, permissions, descriptors ----------------------------------------

TEST_CASE("a rename between two devices in one root fails") {
  kit::op_disk here{"posix"};
  auto there = std::filesystem::is_directory("/dev/shm")
               ? std::optional<kit::op_disk>{"posix in /dev/shm"}
               : std::nullopt;
  if (!there || there->stat(".")->device == here.stat(".")->device) {
    WARN("skipped: there is no second device");
    return;
  }
  auto files = kit::rooted_at("/");
  auto& root = files->start();
  auto from = (here / "f").substr(1);
  auto to = (*there / "f").substr(1);
  here.put("f", "abc");
  value_of(here.make_directory("d"));
  here.put("d/f", "def");
  auto rename = [&](rename_mode mode) {
    return error_of(files->rename(root, from, root, to, mode));
  };
  CHECK(rename(rename_mode::replace) == EXDEV);
  CHECK(rename(rename_mode::keep) == EXDEV);
  CHECK(code_of(kit::perform(*files, file_rename{from, to})) == "cross_device");
  CHECK(code_of(kit::perform(*files, file_move{from, to})) == "none");
  CHECK(code_of(kit::perform(*files, directory_move{(here / "d").substr(1),
                                                    (*there / "d").substr(1)}))
        == "none");
  CHECK(here.dump() == "");
  CHECK(there->dump() == "d/ 755\nd/f 644 \"def\"\nf 644 \"abc\"\n");
}

TEST_CASE("a refused move is not attempted as a copy") {
  site on;
  auto before = on.dump();
  for (auto target : {"../outside/n", "out/n", "absolute/n"}) {
    auto res = kit::perform(on.files(), file_move{"f", target});
    CHECK(code_of(res) == "permission_denied");
    CHECK(failure_of(res).sys_errno == EACCES);
    CHECK(code_of(kit::perform(on.files(), directory_move{"d", target}))
          == "permission_denied");
  }
  CHECK(on.dump() == before);
}

TEST_CASE("attributes of an unreadable file can be changed") {
  kit::temp_dir dir;
  ::chmod(dir.path().c_str(), 0777);
  auto outcome = in_child([&] {
    const uid_t nobody = 65534;
    if (::geteuid() == 0 && ::seteuid(nobody) == -1)
      return unable;
    auto files = kit::rooted_at(dir.path());
    auto& root = files->start();
    value_of(files->open(root, "f",
                         {.write = true, .create = true, .permissions = 0}));
    auto time = file_time{std::chrono::seconds{1}};
    value_of(files->set_times(root, "f", {{}, time}, true));
    if (error_of(files->open(root, "f", {})) != EACCES
        || files->stat(root, "f", true)->modified != time)
      return 1;
    value_of(files->set_permissions(root, "f", 0400));
    return error_of(files->open(root, "f", {}));
  });
  CHECK(outcome == 0);
}

TEST_CASE("meaningless bits in permissions are ignored, as by every vfs") {
  kit::op_disk on{"rooted"};
  CHECK(code_of(on(file_create{.path = "f", .permissions = 1U << 31 | 0644}))
        == "none");
  CHECK(on.permissions("f") == 0644);
}

TEST_CASE("no call leaves a descriptor open") {
  kit::disk on{"rooted"};
  on.put("f", "");
  value_of(on.make_directory("d"));
  auto count = [] {
    return std::distance(std::filesystem::directory_iterator{"/proc/self/fd"},
                         std::filesystem::directory_iterator{});
  };
  auto before = count();
  kit::for_each_call(on, [](const char*, auto call) {
    for (auto path : {"f", "d/n", "../x", "d/missing/x", "", "d/.."})
      call(path);
  });
  CHECK(count() == before);
}
