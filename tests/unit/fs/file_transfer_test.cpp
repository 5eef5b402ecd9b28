// Operations that rename, move or copy a file.

#include "catch.hpp"
#include "failure_of.hpp"
#include "op_disk.hpp"

using namespace spindle;
using namespace spindle::fs;
using kit::code_of;
using kit::failure_of;
using kit::output_of;

namespace {

/// Performs the operation under test: rename, move or copy.
struct transfer {
  std::string what = GENERATE("rename", "move", "copy");
  durability level = GENERATE(durability::none, durability::full);
  bool overwrite = false;
  bool parents = false;

  auto operator()(kit::op_disk& d, const std::string& from,
                  const std::string& to) const {
    return (*this)(d.files(), d / from, d / to);
  }

  attempt<done> operator()(vfs& files, const std::string& from,
                           const std::string& to) const {
    if (what == "rename")
      return kit::perform(files,
                          file_rename{from, to, overwrite, parents, level});
    if (what == "move")
      return kit::perform(files,
                          file_move{from, to, overwrite, parents, level});
    return kit::perform(files, file_copy{from, to, overwrite, parents, level});
  }

  bool keeps_source() const {
    return what == "copy";
  }
};

file_time seconds(int64_t count) {
  return file_time{std::chrono::seconds{count}};
}

} // namespace

TEST_CASE("a file is renamed, moved and copied") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  transfer go;
  CAPTURE(go.what);
  d.put("f", "text");
  kit::value_of(d.files().set_permissions(d.base(), "f", 0640));
  kit::value_of(
    d.files().set_times(d.base(), "f", {seconds(1000), seconds(2000)}, true));
  output_of(go(d, "f", "g"));
  CHECK(d.dump()
        == (go.keeps_source() ? "f 640 \"text\"\ng 640 \"text\"\n"
                              : "g 640 \"text\"\n"));
  CHECK(kit::value_of(d.stat("g")).modified == seconds(2000));
}

TEST_CASE("a link is transferred as a link, and a FIFO is never copied") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  transfer go;
  CAPTURE(go.what);
  kit::value_of(d.make_link("no/where", "link"));
  output_of(go(d, "link", "other"));
  CHECK(kit::value_of(d.read_link("other")) == "no/where");
  d.make_fifo("pipe");
  auto why = failure_of(go(d, "pipe", "tube"));
  if (go.what == "copy") {
    CHECK(why.code == errc::not_supported);
    CHECK(why.sys_errno == EOPNOTSUPP);
    CHECK(why.path == d / "pipe");
  } else {
    CHECK(why == failure{});
  }
}

TEST_CASE("a failed file transfer names the path that caused it") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  transfer go;
  go.overwrite = GENERATE(false, true);
  CAPTURE(go.what, go.overwrite);
  d.put("f", "text");
  kit::value_of(d.make_directory("dir"));
  auto before = d.dump();
  auto fails = [&](const std::string& from, const std::string& to) {
    auto why = failure_of(go(d, from, to));
    return to_string(why.code) + ' '
         + (why.path == d / from ? "source" : "target");
  };
  CHECK(fails("none", "g") == "not_found source");
  CHECK(fails("dir", "g") == "is_a_directory source");
  CHECK(fails("f/x", "g") == "not_a_directory source");
  CHECK(fails("f", "no/g") == "not_found target");
  CHECK(fails("f", "f/g") == "not_a_directory target");
  CHECK(fails("f", std::string(300, 'n')) == "name_too_long target");
  CHECK(fails("f", "dir")
        == (go.overwrite ? "is_a_directory target" : "already_exists target"));
  CHECK(d.dump() == before);
}

TEST_CASE("a file transfer replaces a file only on request") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  transfer go;
  CAPTURE(go.what);
  d.put("f", "new");
  d.put("g", "old");
  auto why = failure_of(go(d, "f", "g"));
  CHECK(why.code == errc::already_exists);
  CHECK(why.path == d / "g");
  CHECK(d.text("g") == "old");
  go.overwrite = true;
  output_of(go(d, "f", "g"));
  CHECK(d.text("g") == "new");
  CHECK(d.names_in() == (go.keeps_source() ? "f g " : "g "));
}

TEST_CASE("a file transfer creates missing parents on request") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  transfer go;
  go.parents = true;
  go.overwrite = GENERATE(false, true);
  d.put("f", "x");
  output_of(go(d, "f", "a/b/g"));
  CHECK(d.text("a/b/g") == "x");
}

TEST_CASE("a file is not replaced by itself") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  transfer go;
  go.overwrite = GENERATE(false, true);
  CAPTURE(go.what, go.overwrite);
  d.put("f", "text");
  kit::value_of(d.make_directory("dir"));
  for (auto same : {"f", "dir/../f", "./f"}) {
    auto why = failure_of(go(d, "f", same));
    CHECK(to_string(why.code)
          == (go.overwrite ? "invalid_argument" : "already_exists"));
    if (go.overwrite)
      CHECK(why.detail == "both paths name the same file");
    CHECK(d.text("f") == "text");
    CHECK(d.names_in() == "dir f ");
  }
}

TEST_CASE("a link does not replace the file that it leads to") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  transfer go;
  go.overwrite = GENERATE(false, true);
  CAPTURE(go.what, go.overwrite);
  d.put("f", "text");
  kit::value_of(d.make_directory("sub"));
  kit::value_of(d.make_link("f", "link"));
  kit::value_of(d.make_link("link", "second"));
  kit::value_of(d.make_link("../f", "sub/f"));
  kit::value_of(d.make_link("../sub/../second", "sub/third"));
  auto before = d.dump();
  for (auto [from, to] :
       {std::pair{"link", "f"}, std::pair{"second", "f"},
        std::pair{"second", "link"}, std::pair{"sub/f", "./f"},
        std::pair{"sub/third", "f"}, std::pair{"sub/third", "link"}}) {
    CAPTURE(from, to);
    auto why = failure_of(go(d, from, to));
    CHECK(to_string(why.code)
          == (go.overwrite ? "invalid_argument" : "already_exists"));
    CHECK(why.path == d / to);
    CHECK(d.dump() == before);
  }
}

TEST_CASE(
  "a link with a long text does not replace the file that it leads to") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  transfer go;
  go.overwrite = true;
  d.put("f", "text");
  kit::value_of(d.make_directory("sub"));
  // Together with its directory, the text exceeds the longest allowed path.
  std::string text = "../f";
  while (text.size() < 4090)
    text = "./" + text;
  kit::value_of(d.make_link(text, "sub/link"));
  CHECK(code_of(go(d, "sub/link", "f")) == "invalid_argument");
  CHECK(d.text("f") == "text");
}

TEST_CASE("a link replaces a file that it does not lead to") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  transfer go;
  go.overwrite = true;
  CAPTURE(go.what);
  d.put("f", "text");
  d.put("g", "old");
  auto text = GENERATE("f", "none", "loop", "f/x");
  kit::value_of(d.make_link("loop", "loop"));
  kit::value_of(d.make_link(text, "link"));
  output_of(go(d, "link", "g"));
  CHECK(kit::value_of(d.read_link("g")) == text);
  CHECK(d.text("f") == "text");
}

TEST_CASE("a link that is moved between devices does not replace its target") {
  memory_vfs files;
  files.mount("far");
  files.write_file("far/f", "text");
  kit::value_of(files.make_link("far/f", files.start(), "link"));
  auto before = files.tree();
  auto why = failure_of(kit::perform(
    files, file_move{.path = "link", .target = "far/f", .overwrite = true}));
  CHECK(why.code == errc::invalid_argument);
  CHECK(files.tree() == before);
}

TEST_CASE("a move onto another hard link of the file removes the source") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  transfer go;
  CAPTURE(go.what);
  d.put("f", "text");
  for (auto name : {"g", "dir/f"}) {
    kit::value_of(d.make_directory("dir"));
    kit::value_of(d.files().make_hard_link(d.base(), "f", d.base(), name));
    go.overwrite = false;
    CHECK(code_of(go(d, "f", name)) == "already_exists");
    go.overwrite = true;
    if (go.what == "copy") {
      auto why = failure_of(go(d, "f", name));
      CHECK(why.code == errc::invalid_argument);
      CHECK(why.detail == "both paths name the same file");
      return;
    }
    kit::value_of(d.make_link(name, "link"));
    CHECK(code_of(go(d, "link", "f")) == "invalid_argument");
    kit::value_of(d.remove_file("link"));
    output_of(go(d, "f", name));
    CHECK(d.text("f") == "ENOENT");
    CHECK(d.text(name) == "text");
    output_of(go(d, name, "f"));
    kit::value_of(d.remove_directory("dir"));
  }
}

TEST_CASE("file_copy does not copy the set-user-ID and set-group-ID bits") {
  kit::op_disk d{GENERATE("posix", "memory", "rooted")};
  d.put("f", "");
  kit::value_of(d.files().set_permissions(d.base(), "f", 06755));
  output_of(d(file_copy{d / "f", d / "g"}));
  CHECK(d.permissions("g") == 0755);
}

TEST_CASE("file_copy falls back to reading and writing blocks") {
  auto memory = std::make_shared<memory_vfs>(memory_options{.clones = true});
  faulty_vfs files{memory};
  auto text = std::string(200'000, 'x') + "end";
  memory->write_file("f", text);
  auto no_way = GENERATE(EXDEV, EINVAL, ENOSYS, EOPNOTSUPP, ENOTTY);
  auto copy = [&](const std::string& name) {
    return failure_of(kit::perform(files, file_copy{"f", name}));
  };
  CHECK(copy("clone") == failure{});
  CHECK(files.plan().calls(call_kind::copy) == 0);
  files.plan().fail_all(call_kind::clone, no_way);
  CHECK(copy("copy") == failure{});
  CHECK(files.plan().calls(call_kind::write) == 0);
  files.plan().fail_all(call_kind::copy, no_way);
  CHECK(copy("blocks") == failure{});
  for (auto name : {"clone", "copy", "blocks"})
    CHECK(memory->read_file(name) == text);
  files.plan().fail_all(call_kind::clone, EIO);
  CHECK(copy("none").code == errc::io_error);
  CHECK(memory->read_file("none") == std::nullopt);
}

TEST_CASE("file_copy copies files whose size is reported as 0") {
  kit::temp_dir home;
  posix_vfs files;
  output_of(
    kit::perform(files, file_copy{"/proc/sys/kernel/ostype", home / "f"}));
  CHECK(output_of(kit::perform(files, file_read{home / "f"})).text()
        == "Linux\n");
}

TEST_CASE("file_copy removes its temporary file when the disk is full") {
  memory_vfs files;
  files.write_file("f", std::string(1000, 'x'));
  files.write_file("g", "old");
  files.set_capacity(1500);
  auto why = failure_of(kit::perform(
    files, file_copy{.path = "f", .target = "g", .overwrite = true}));
  CHECK(why.code == errc::no_space);
  CHECK(why.path == "g");
  CHECK(files.read_file("g") == "old");
  CHECK(kit::perform(files, directory_contents{"."})->size() == 2);
}

TEST_CASE("file_rename fails across devices, file_move works") {
  memory_vfs files;
  files.mount("far");
  files.write_file("f", "new");
  transfer go;
  CAPTURE(go.what);
  SECTION("without a target") {
    auto why = failure_of(go(files, "f", "far/g"));
    CHECK(to_string(why.code)
          == (go.what == "rename" ? "cross_device" : "none"));
    CHECK(files.read_file("f").has_value() == (go.what != "move"));
    CHECK(files.read_file("far/g").has_value() == (go.what != "rename"));
  }
  SECTION("with a target") {
    files.write_file("far/g", "old");
    go.overwrite = GENERATE(false, true);
    auto code = code_of(go(files, "f", "far/g"));
    auto works = go.what != "rename" && go.overwrite;
    CHECK((code == "none") == works);
    CHECK(files.read_file("far/g") == (works ? "new" : "old"));
    CHECK(files.read_file("f").has_value() == !(works && go.what == "move"));
  }
  CHECK(files.tree().find(".spindle") == std::string::npos);
}

TEST_CASE(
  "file_move across devices reports a source that it could not remove") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  memory->mount("far");
  memory->write_file("f", "text");
  files.plan().fail(call_kind::remove_file, 1, EACCES);
  auto why = failure_of(kit::perform(files, file_move{"f", "far/g"}));
  CHECK(why.code == errc::permission_denied);
  CHECK(why.path == "f");
  CHECK(why.detail == "it was copied, but could not be removed");
  CHECK(memory->read_file("f") == "text");
  CHECK(memory->read_file("far/g") == "text");
}

TEST_CASE("a rename without overwrite works if the file system lacks "
          "RENAME_NOREPLACE") {
  auto memory = std::make_shared<memory_vfs>();
  faulty_vfs files{memory};
  memory->write_file("f", "text");
  memory->write_file("g", "other");
  files.plan().fail(call_kind::rename, 1, EINVAL);
  CHECK(code_of(kit::perform(files, file_rename{"f", "g"}))
        == "already_exists");
  CHECK(memory->read_file("g") == "other");
  files.plan().fail(call_kind::rename, 1, EINVAL);
  output_of(kit::perform(files, file_rename{"f", "h"}));
  CHECK(memory->read_file("h") == "text");
  files.plan().fail(call_kind::rename, 1, EINVAL);
  files.plan().fail(call_kind::rename, 2, EIO);
  CHECK(code_of(kit::perform(files, file_rename{"h", "f"})) == "io_error");
  CHECK(memory->tree() == "g 644 \"other\"\nh 644 \"text\"\n");
}
