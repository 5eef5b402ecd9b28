// Operations that rename, move or copy a directory.

#include "catch.hpp"
#include "failure_of.hpp"
#include "op_disk.hpp"

using namespace spindle;
using namespace spindle::fs;
using kit::code_of;
using kit::failure_of;
using kit::output_of;

namespace {

struct directory_transfer_case {
  std::string what = GENERATE("rename", "move", "copy");
  durability level = GENERATE(durability::none, durability::full);
  bool overwrite = false;
  bool parents = false;

  attempt<done> operator()(vfs& files, const std::string& from,
                           const std::string& to) const {
    if (what == "rename")
      return kit::perform(
        files, directory_rename{from, to, overwrite, parents, level});
    if (what == "move")
      return kit::perform(files,
                          directory_move{from, to, overwrite, parents, level});
    return kit::perform(files,
                        directory_copy{from, to, overwrite, parents, level});
  }

  auto operator()(kit::op_disk& d, const std::string& from,
                  const std::string& to) const {
    return (*this)(d.files(), d / from, d / to);
  }

  bool keeps_source() const {
    return what == "copy";
  }
};

const std::string tree_below = "/a/ 700\n"
                               "/a/f 600 \"2\"\n"
                               "/a/link -> ../../elsewhere\n"
                               "/f 640 \"1\"\n";

/// Creates a directory that contains `tree_below`.
void plant_tree(vfs& files, const std::string& top) {
  auto& start = files.start();
  kit::value_of(files.make_directory(start, top, 0755));
  kit::value_of(files.make_directory(start, top + "/a", 0700));
  for (auto [name, text, mode] :
       {std::tuple{"/f", "1", 0640}, std::tuple{"/a/f", "2", 0600}}) {
    output_of(kit::perform(files, file_write{top + name, buffer{text}}));
    kit::value_of(files.set_permissions(start, top + name, mode));
  }
  kit::value_of(files.make_link("../../elsewhere", start, top + "/a/link"));
}

/// Returns the dump of a directory that contains `tree_below`.
std::string planted(const std::string& top) {
  std::string res = top + "/ 755\n";
  for (size_t i = 0; i < tree_below.size();) {
    auto end = tree_below.find('\n', i) + 1;
    res += top + tree_below.substr(i, end - i);
    i = end;
  }
  return res;
}

memory_vfs& with_far_device(memory_vfs& files) {
  files.mount("far");
  return files;
}

} // namespace

TEST_CASE("a directory is renamed, moved and copied") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  directory_transfer_case go;
  CAPTURE(go.what);
  plant_tree(d.files(), d / "x");
  auto time = file_time{std::chrono::seconds{1234}};
  for (auto name : {"x/a", "x"})
    kit::value_of(d.files().set_times(d.base(), name, {time, time}, true));
  output_of(go(d, GENERATE("x", "x/"), GENERATE("y", "y/")));
  CHECK(d.dump() == (go.keeps_source() ? planted("x") : "") + planted("y"));
  CHECK(kit::value_of(d.stat("y")).modified == time);
  CHECK(kit::value_of(d.stat("y/a")).modified == time);
}

TEST_CASE("a failed directory transfer names the path that caused it") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  directory_transfer_case go;
  go.overwrite = GENERATE(false, true);
  CAPTURE(go.what, go.overwrite);
  plant_tree(d.files(), d / "x");
  d.put("f", "text");
  auto before = d.dump();
  auto fails = [&](const std::string& from, const std::string& to) {
    auto why = failure_of(go(d, from, to));
    return to_string(why.code) + ' '
         + (why.path == d / from ? "source" : "target");
  };
  CHECK(fails("none", "y") == "not_found source");
  CHECK(fails("f", "y") == "not_a_directory source");
  CHECK(fails("x", "no/y") == "not_found target");
  CHECK(fails("x", "f/y") == "not_a_directory target");
  CHECK(fails("x", "f")
        == (go.overwrite ? "not_a_directory target" : "already_exists target"));
  CHECK(fails("x", "x/y") == "invalid_argument target");
  CHECK(fails("x", "x/a/y") == "invalid_argument target");
  CHECK(fails("x", "x/../x/a/y") == "invalid_argument target");
  if (go.overwrite) {
    CHECK(fails("x", "x") == "invalid_argument source");
    CHECK(fails("x/a", "x") == "invalid_argument target");
  } else {
    CHECK(fails("x", "x") == "already_exists source");
    CHECK(fails("x/a", "x") == "already_exists target");
  }
  go.parents = true;
  CHECK(fails("x", "x/new/y") == "invalid_argument target");
  CHECK(d.dump() == before);
}

TEST_CASE("a directory does not replace one of its parents") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant_tree(d.files(), d / "x");
  kit::value_of(d.make_directory("dir"));
  kit::value_of(d.make_link("../x/a", "dir/to-a"));
  kit::value_of(d.make_link("../x", "dir/to-x"));
  auto before = d.dump();
  auto copy = [&](const std::string& from, const std::string& to) {
    auto why = failure_of(
      d(directory_copy{.path = d / from, .target = d / to, .overwrite = true}));
    return to_string(why.code) + ": " + why.detail;
  };
  CHECK(copy("dir/to-a", "x")
        == "invalid_argument: the source is inside of the target");
  CHECK(copy("dir/to-x", "x")
        == "invalid_argument: both paths name the same directory");
  CHECK(copy("x", "dir/to-x").starts_with("not_a_directory"));
  // A link to a directory is refused, also with a slash at the end.
  for (auto link : {"dir/to-a", "dir/to-a/"}) {
    CHECK(code_of(d(directory_move{d / link, d / "y"})) == "not_a_directory");
    CHECK(code_of(d(directory_rename{d / link, d / "y"})) == "not_a_directory");
  }
  CHECK(d.dump() == before);
}

TEST_CASE("a directory transfer replaces a directory only on request") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  directory_transfer_case go;
  CAPTURE(go.what);
  plant_tree(d.files(), d / "x");
  kit::value_of(d.make_directory("y"));
  auto full = GENERATE(false, true);
  if (full) {
    kit::value_of(d.make_directory("y/old"));
    d.put("y/old/f", "x");
  }
  CHECK(code_of(go(d, "x", "y")) == "already_exists");
  go.overwrite = true;
  output_of(go(d, "x", "y"));
  CHECK(d.dump() == (go.keeps_source() ? planted("x") : "") + planted("y"));
}

TEST_CASE("a directory transfer creates missing parents on request") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  directory_transfer_case go;
  go.parents = true;
  go.overwrite = GENERATE(false, true);
  plant_tree(d.files(), d / "x");
  output_of(go(d, "x", "p/q/y"));
  CHECK(d.dump().find("p/q/y/a/f 600 \"2\"") != std::string::npos);
}

TEST_CASE("without an atomic exchange of names, nothing is replaced") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  plant_tree(*memory, "x");
  plant_tree(*memory, "y");
  memory->write_file("y/old", "x");
  directory_transfer_case go;
  go.overwrite = true;
  auto before = memory->tree();
  files.plan().fail(call_kind::rename, 2, GENERATE(EINVAL, ENOSYS));
  auto why = failure_of(go(files, "x", "y"));
  CHECK(why.code == errc::not_supported);
  CHECK(memory->tree() == before);
}

TEST_CASE("the error names a replaced directory that could not be removed") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  plant_tree(*memory, "x");
  kit::value_of(memory->make_directory(memory->start(), "y", 0755));
  memory->write_file("y/old", "x");
  directory_transfer_case go;
  go.overwrite = true;
  files.plan().fail(call_kind::remove_file, 1, EACCES);
  auto why = failure_of(go(files, "x", "y"));
  CHECK(why.code == errc::partial_failure);
  CHECK(why.sys_errno == EACCES);
  CHECK(why.entries == std::vector<entry_failure>{{"old", EACCES}});
  auto begin = why.detail.find(".spindle-");
  REQUIRE(begin != std::string::npos);
  auto name = why.detail.substr(begin, why.detail.size() - begin - 1);
  CHECK(memory->read_file(name + "/old") == "x");
  output_of(kit::perform(files, directory_delete{name}));
  CHECK(memory->tree()
        == (go.keeps_source() ? planted("x") : "") + planted("y"));
}

TEST_CASE("directory_copy skips entries that it cannot copy, and names them") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant_tree(d.files(), d / "x");
  d.make_fifo("x/a/pipe");
  auto level = GENERATE(durability::none, durability::data);
  auto copy = [&](bool overwrite) {
    return failure_of(d(directory_copy{.path = d / "x",
                                       .target = d / "y",
                                       .overwrite = overwrite,
                                       .durability = level}));
  };
  auto why = copy(false);
  CHECK(why.code == errc::partial_failure);
  CHECK(why.detail == "copied 4 entries, 1 failed");
  CHECK(why.sys_errno == EOPNOTSUPP);
  CHECK(why.done == 4);
  CHECK(why.entries == std::vector<entry_failure>{{"a/pipe", EOPNOTSUPP}});
  CHECK(d.dump().ends_with(planted("y")));
  auto before = d.dump();
  CHECK(copy(true).code == errc::partial_failure);
  CHECK(d.dump() == before);
}

TEST_CASE("directory_copy follows a link to the top, but none in the tree") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  plant_tree(d.files(), d / "x");
  kit::value_of(d.make_link("x", "to-x"));
  output_of(d(directory_copy{d / "to-x", d / "y"}));
  CHECK(d.dump().ends_with(planted("y")));
  auto why = failure_of(d(directory_rename{d / "to-x", d / "z"}));
  CHECK(why.code == errc::not_a_directory);
}

TEST_CASE("directory_copy tolerates entries that vanish meanwhile") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  plant_tree(*memory, "x");
  memory->write_file("x/gone", "x");
  files.plan().observe([&](call_kind kind, const std::string& path) {
    if (kind == call_kind::open && path.ends_with("x/gone"))
      static_cast<void>(memory->remove_file(memory->start(), "x/gone"));
  });
  output_of(kit::perform(files, directory_copy{"x", "y"}));
  CHECK(memory->tree() == planted("x") + planted("y"));
}

TEST_CASE("directory_copy does not copy its own target") {
  // The check in advance does not see that this target is within the source.
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  plant_tree(*memory, "x");
  files.plan().fail(call_kind::stat, 2, EACCES);
  auto why = failure_of(kit::perform(files, directory_copy{"x", "x/y"}));
  CHECK(why.code == errc::partial_failure);
  CHECK(why.entries == std::vector<entry_failure>{{"y", EINVAL}});
}

TEST_CASE("directory_copy skips an unreadable directory") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  plant_tree(*memory, "x");
  // The first three are the source, the parent of the target, the target.
  files.plan().fail(call_kind::open_directory, 4, EACCES);
  auto why = failure_of(kit::perform(files, directory_copy{"x", "y"}));
  CHECK(why.entries == std::vector<entry_failure>{{"a", EACCES}});
  CHECK(memory->tree() == planted("x") + "y/ 755\ny/f 640 \"1\"\n");
}

// -- other devices ------------------------------------------------------------

TEST_CASE("a directory transfer to another device") {
  memory_vfs files;
  with_far_device(files);
  plant_tree(files, "x");
  directory_transfer_case go;
  CAPTURE(go.what);
  auto exists = GENERATE(false, true);
  if (exists)
    plant_tree(files, "far/y");
  go.overwrite = GENERATE(false, true);
  auto before = files.tree();
  auto code = code_of(go(files, "x", "far/y"));
  if (go.what == "rename") {
    CHECK(code == "cross_device");
    CHECK(files.tree() == before);
  } else if (exists && !go.overwrite) {
    CHECK(code == "already_exists");
    CHECK(files.tree() == before);
  } else {
    CHECK(code == "none");
    CHECK(files.tree()
          == "far/ 755\n" + planted("far/y")
               + (go.keeps_source() ? planted("x") : ""));
  }
}

TEST_CASE("directory_move keeps the source if the copy is not complete") {
  memory_vfs files;
  with_far_device(files);
  plant_tree(files, "x");
  auto fifo = files.make_fifo("x/a/pipe");
  auto before = files.tree();
  auto why = failure_of(kit::perform(files, directory_move{"x", "far/y"}));
  CHECK(why.code == errc::partial_failure);
  CHECK(why.entries == std::vector<entry_failure>{{"a/pipe", EOPNOTSUPP}});
  CHECK(why.detail
        == "copied 4 entries, 1 failed; the source was left as it is");
  CHECK(files.tree() == before);
}

TEST_CASE(
  "directory_move names entries of the source that it could not remove") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  with_far_device(*memory);
  plant_tree(*memory, "x");
  files.plan().fail(call_kind::remove_directory, 2, EBUSY);
  auto why = failure_of(kit::perform(files, directory_move{"x", "far/y"}));
  CHECK(why.code == errc::partial_failure);
  CHECK(why.path == "x");
  CHECK(why.sys_errno == EBUSY);
  CHECK(why.detail == "removed 4 entries, 1 failed; the copy is complete");
  CHECK(memory->tree() == "far/ 755\n" + planted("far/y") + "x/ 755\n");
}
