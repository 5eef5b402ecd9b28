// Trees that are deep, wide or unreadable, on the disk of the machine.

#include "catch.hpp"
#include "failure_of.hpp"
#include "op_disk.hpp"

#include "spindle/fs/posix/posix_vfs.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <set>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace spindle;
using namespace spindle::fs;
using kit::failure_of;
using kit::output_of;

namespace {

/// Lowers the limit of open descriptors; restores it when destroyed.
class few_descriptors {
public:
  explicit few_descriptors(rlim_t count) {
    getrlimit(RLIMIT_NOFILE, &before_);
    auto now = before_;
    now.rlim_cur = count;
    setrlimit(RLIMIT_NOFILE, &now);
  }

  few_descriptors(const few_descriptors&) = delete;

  few_descriptors& operator=(const few_descriptors&) = delete;

  ~few_descriptors() {
    setrlimit(RLIMIT_NOFILE, &before_);
  }

private:
  rlimit before_;
};

/// Returns a directory in memory if there is one: removing deep trees from a
/// disk takes long.
std::filesystem::path fast_place() {
  if (std::filesystem::is_directory("/dev/shm"))
    return "/dev/shm";
  return std::filesystem::temp_directory_path();
}

constexpr size_t depth = 5000;

/// Creates nested directories with a file in each.
void make_deep_tree(vfs& files, const std::string& top) {
  auto name = top;
  auto here = kit::value_of(files.open_directory(files.start(), "/", true));
  for (size_t i = 0; i < depth; ++i) {
    kit::value_of(files.make_directory(*here, name, 0755));
    here = kit::value_of(files.open_directory(*here, name, false));
    kit::value_of(files.open(*here, "f", {.write = true, .create = true}));
    name = "directory";
  }
}

/// Runs `body` as an ordinary user.
/// @returns its result, or nothing if that is not possible.
std::optional<int> as_nobody(const std::function<int()>& body) {
  auto child = fork();
  if (child == 0) {
    if (geteuid() == 0 && (setegid(65534) != 0 || seteuid(65534) != 0))
      _exit(255);
    _exit(body());
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status)
      || WEXITSTATUS(status) == 255)
    return std::nullopt;
  return WEXITSTATUS(status);
}

} // namespace

TEST_CASE("a tree of 5000 levels is walked, copied, moved and removed") {
  kit::temp_dir home{fast_place()};
  few_descriptors guard{256};
  posix_vfs files;
  make_deep_tree(files, home / "x");
  output_of(kit::perform(files, directory_copy{home / "x", home / "y"}));
  output_of(
    kit::perform(files, directory_copy{.path = home / "x",
                                       .target = home / "y",
                                       .overwrite = true,
                                       .durability = durability::none}));
  output_of(kit::perform(files, directory_rename{home / "y", home / "z"}));
  auto page = output_of(kit::perform(
    files, directory_walk{.path = home / "z", .glob = "**/f", .limit = depth}));
  CHECK(page.entries.size() == depth);
  CHECK(page.unreadable.empty());
  CHECK(page.next.empty());
  output_of(kit::perform(files, directory_delete{home / "x"}));
  output_of(kit::perform(files, directory_delete{home / "z"}));
  CHECK(kit::perform(files, directory_contents{home.path()})->empty());
}

TEST_CASE("a directory of 100000 entries is listed, copied and removed") {
  kit::temp_dir home{fast_place()};
  posix_vfs files;
  auto& start = files.start();
  kit::value_of(files.make_directory(start, home / "x", 0755));
  auto top = kit::value_of(files.open_directory(start, home / "x", true));
  constexpr size_t count = 100'000;
  for (size_t i = 0; i < count; ++i)
    kit::value_of(files.make_link("nowhere", *top, std::to_string(i)));
  auto list = [&](const std::string& name) {
    return output_of(kit::perform(files, directory_contents{home / name}));
  };
  auto entries = list("x");
  CHECK(entries.size() == count);
  output_of(kit::perform(files, directory_copy{home / "x", home / "y"}));
  CHECK(list("y") == entries);
  std::set<std::string> walked;
  directory_walk walk{.path = home / "y", .limit = 30'000};
  do {
    auto page = output_of(kit::perform(files, walk));
    for (auto& entry : page.entries)
      walked.insert(entry.path);
    walk.after = page.next;
  } while (!walk.after.empty());
  CHECK(walked.size() == count);
  output_of(kit::perform(files, directory_delete{home / "x"}));
  output_of(kit::perform(files, directory_delete{home / "y"}));
  CHECK(kit::perform(files, directory_contents{home.path()})->empty());
}

TEST_CASE("entries that an ordinary user may not read are skipped and named") {
  kit::temp_dir home;
  ::chmod(home.path().c_str(), 0777);
  auto outcome = as_nobody([&] {
    posix_vfs files;
    auto& start = files.start();
    for (auto name : {"x", "x/open", "x/shut"})
      kit::value_of(files.make_directory(start, home / name, 0755));
    for (auto name : {"x/open/f", "x/shut/f", "x/g"})
      output_of(kit::perform(files, file_create{home / name}));
    kit::value_of(files.set_permissions(start, home / "x/shut", 0));
    kit::value_of(files.set_permissions(start, home / "x/g", 0));
    auto locked = std::set<std::string>{"shut", "g"};
    auto copied
      = failure_of(kit::perform(files, directory_copy{home / "x", home / "y"}));
    std::set<std::string> named;
    for (auto& entry : copied.entries)
      named.insert(entry.path);
    if (copied.code != errc::partial_failure || copied.sys_errno != EACCES
        || named != locked)
      return 1;
    auto page = output_of(kit::perform(files, directory_walk{home / "x"}));
    if (page.entries.size() != 4
        || page.unreadable != std::vector<entry_failure>{{"shut", EACCES}})
      return 2;
    auto removed
      = failure_of(kit::perform(files, directory_delete{home / "x"}));
    if (removed.code != errc::partial_failure
        || removed.entries != std::vector<entry_failure>{{"shut", EACCES}})
      return 3;
    kit::value_of(files.set_permissions(start, home / "x/shut", 0700));
    return failure_of(kit::perform(files, directory_delete{home / "x"})).code
            == errc::none
           ? 0
           : 4;
  });
  if (!outcome)
    WARN("skipped: this process cannot become an ordinary user");
  else
    CHECK(*outcome == 0);
}
