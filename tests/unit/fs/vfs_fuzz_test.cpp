// Makes the same random calls to two file systems; the results must be equal.

#include "catch.hpp"
#include "vfs_disks.hpp"

#include "spindle/fs/testing/dump.hpp"

#include <array>
#include <cstdlib>
#include <random>
#include <sstream>

#include <sys/stat.h>

using namespace spindle;
using namespace spindle::fs;

namespace {

size_t steps_to_do() {
  auto* text = std::getenv("SPINDLE_FUZZ_STEPS");
  return text ? std::strtoull(text, nullptr, 10) : 20'000;
}

/// The paths in a history.
enum class paths {
  /// Any.
  all,
  /// Paths that stay below their base, also through links.
  downward,
};

/// A random call that can be made to any file system.
struct step {
  size_t call;
  size_t base;
  size_t other_base;
  size_t slot;
  size_t other_slot;
  std::string path;
  std::string other_path;
  open_options how;
  std::string text;
  uint64_t offset;
  uint64_t size;
  uint32_t permissions;
  bool flag;
  rename_mode mode;
};

class step_generator {
public:
  step_generator(uint64_t seed, std::string home, paths which)
      : chance_(seed),
        home_(which == paths::all ? std::move(home) : "."),
        up_(which == paths::all ? "/.." : "/.") {}

  step next() {
    step s;
    s.call = below(22);
    s.base = below(4);
    s.other_base = below(4);
    s.slot = below(4);
    s.other_slot = below(4);
    s.path = path();
    s.other_path = path();
    s.how.read = below(4) != 0;
    s.how.write = below(2) != 0;
    s.how.create = below(2) != 0;
    s.how.exclusive = below(4) == 0;
    s.how.truncate = below(4) == 0;
    s.how.append = below(4) == 0;
    s.how.follow = below(4) != 0;
    s.how.permissions = below(01000) | 0600;
    s.text = std::string(below(20), static_cast<char>('a' + below(26)));
    s.offset = below(40);
    s.size = below(40);
    // Without the special bits, and with all rights for the owner: the effect
    // of others differs between users and root.
    s.permissions = below(02000) | 0700;
    s.flag = below(2) != 0;
    s.mode = static_cast<rename_mode>(below(3));
    return s;
  }

private:
  size_t below(size_t bound) {
    return chance_() % bound;
  }

  std::string name() {
    static const std::array<std::string, 8> names{"a", "b", "c", "d",
                                                  "e", "a", "b", "."};
    if (below(200) == 0)
      return std::string(250 + below(10), 'n');
    return names[below(names.size())];
  }

  std::string path() {
    std::string text = below(10) == 0 ? home_ + "/" : "";
    text += name();
    while (below(3) == 0)
      text += "/" + name();
    switch (below(30)) {
      case 0:
      case 1:
        return text + "/";
      case 2:
        return text + up_;
      case 3:
        return text + up_ + "/" + name();
      case 4:
        return text + "//" + name() + "//";
      case 5:
        return below(4) == 0 ? std::string{} : text;
      case 6:
        return below(4) == 0 ? text + '\0' + "x" : text;
      default:
        return text;
    }
  }

  std::mt19937_64 chance_;
  std::string home_;
  std::string up_;
};

/// A file system, its open files and directories, and a log of its results.
class recorder {
public:
  recorder(const std::string& name, const std::string& path)
      : disk_(name, path) {
    // Paths with many ".." end here and not outside.
    std::string nested;
    for (int level = 0; level < 12; ++level) {
      nested += (level == 0 ? "j" : "/j");
      kit::value_of(disk_.make_directory(nested));
    }
    home_ = nested;
    for (auto& base : bases_)
      base = open_base();
  }

  std::string home() const {
    return disk_.path() + "/" + home_;
  }

  std::string dump() {
    return dump_of(disk_.files(), disk_.base());
  }

  std::string apply(const step& s);

private:
  directory_ptr open_base() {
    return kit::value_of(disk_.open_directory(home_));
  }

  std::string on_name(const step& s);

  std::string on_file(const step& s);

  std::string on_directory(const step& s);

  kit::disk disk_;
  std::string home_;
  std::array<directory_ptr, 4> bases_;
  std::array<file_ptr, 4> files_;
};

// -- results as text ----------------------------------------------------------

std::string show(int error) {
  return error == 0 ? "ok" : ::strerrorname_np(error);
}

template <class T>
std::string show(const result<T>& outcome) {
  if constexpr (!std::is_void_v<T>) {
    if (outcome) {
      std::ostringstream out;
      out << *outcome;
      return out.str();
    }
  }
  return show(kit::error_of(outcome));
}

std::string show(const result<file_info>& outcome) {
  if (!outcome)
    return show(outcome.error());
  auto text
    = to_string(outcome->type) + " " + std::to_string(outcome->permissions);
  // Size and link count of directories depend on the file system.
  if (outcome->type != file_type::directory)
    text += " " + std::to_string(outcome->size) + " "
          + std::to_string(outcome->links);
  return text;
}

std::string show(const result<std::vector<directory_entry>>& outcome) {
  if (!outcome)
    return show(outcome.error());
  std::string text;
  for (auto& entry : *outcome)
    text += entry.name + ":" + to_string(entry.type) + " ";
  return text;
}

// -- calls --------------------------------------------------------------------

std::string recorder::apply(const step& s) {
  if (s.call < 12)
    return on_name(s);
  if (s.call < 20)
    return on_file(s);
  return on_directory(s);
}

std::string recorder::on_name(const step& s) {
  auto& files = disk_.files();
  auto& base = *bases_[s.base];
  switch (s.call) {
    case 0:
    case 1:
      return "mkdir " + show(files.make_directory(base, s.path, s.permissions));
    case 2:
      return "unlink " + show(files.remove_file(base, s.path));
    case 3:
      return "rmdir " + show(files.remove_directory(base, s.path));
    case 4:
    case 5:
      return "rename "
           + show(files.rename(base, s.path, *bases_[s.other_base],
                               s.other_path, s.mode));
    case 6: {
      // A link may contain anything but "..".
      if (s.flag)
        return "link "
             + show(files.make_hard_link(base, s.path, *bases_[s.other_base],
                                         s.other_path));
      auto& target = s.other_path;
      if (target.find("..") != std::string::npos)
        return "no link";
      return "symlink " + show(files.make_link(target, base, s.path));
    }
    case 7:
      return "readlink " + show(files.read_link(base, s.path));
    case 8:
      return "stat " + show(files.stat(base, s.path, s.flag));
    case 9:
      return "chmod "
           + show(files.set_permissions(base, s.path, s.permissions));
    case 10: {
      auto time = file_time{std::chrono::seconds{s.size}};
      file_times times;
      if (s.flag)
        times.accessed = time;
      if (s.size > 20)
        times.modified = time;
      auto set = files.set_times(base, s.path, times, s.how.follow);
      auto found = files.stat(base, s.path, s.how.follow);
      auto seen = found && set && times.modified && found->modified != time;
      return "utimens " + show(set) + (seen ? " wrong" : "");
    }
    default:
      return "statfs " + show(kit::error_of(files.disk_space(base, s.path)));
  }
}

std::string recorder::on_file(const step& s) {
  auto& slot = files_[s.slot];
  auto& base = *bases_[s.base];
  if (s.call <= 13 || !slot) {
    auto opened = disk_.files().open(base, s.path, s.how);
    auto text = "open " + show(kit::error_of(opened));
    if (opened)
      slot = std::move(*opened);
    return text;
  }
  switch (s.call) {
    case 14:
      return "write " + show(slot->write(kit::bytes_of(s.text)));
    case 15:
      return "write_at "
           + show(slot->write_at(s.offset, kit::bytes_of(s.text)));
    case 16:
      // On files opened with and without `append`.
      return "read_at " + show(kit::read_text(*slot, s.size, s.offset));
    case 17:
      if (s.flag && s.size > 0)
        return "punch " + show(slot->punch_hole(s.offset, s.size));
      return "truncate " + show(slot->truncate(s.offset));
    case 18: {
      auto& source = files_[s.other_slot];
      if (!source)
        return "no copy";
      return "copy "
           + show(
               slot->copy_from(*source, s.offset, s.size, s.text.size() + 1));
    }
    default:
      // Rarely, because a sync takes long on a real disk.
      if (s.size > 2)
        return "fstat " + show(slot->stat());
      return "sync " + show(slot->sync(sync_mode::data));
  }
}

std::string recorder::on_directory(const step& s) {
  auto& slot = bases_[s.base];
  switch (s.size % 4) {
    case 0: {
      auto opened = disk_.open_directory(home_);
      slot = std::move(*opened);
      return "home";
    }
    case 1: {
      auto opened = disk_.files().open_directory(*bases_[s.other_base], s.path,
                                                 s.how.follow);
      auto text = "opendir " + show(kit::error_of(opened));
      if (opened)
        slot = std::move(*opened);
      return text;
    }
    case 2:
      return "fstat " + show(slot->stat());
    default: {
      auto opened = disk_.files().open_directory(*slot, ".", true);
      if (!opened)
        return "list " + show(opened.error());
      return "list " + show(kit::read_entries(**opened));
    }
  }
}

std::string text_of(const step& s) {
  std::ostringstream out;
  out << "call " << s.call << " base " << s.base << " '" << s.path
      << "' other base " << s.other_base << " '" << s.other_path << "' slot "
      << s.slot << " other slot " << s.other_slot << " offset " << s.offset
      << " size " << s.size << " permissions " << s.permissions << " flag "
      << s.flag << " mode " << static_cast<int>(s.mode) << " read "
      << s.how.read << " write " << s.how.write << " create " << s.how.create
      << " exclusive " << s.how.exclusive << " truncate " << s.how.truncate
      << " append " << s.how.append << " follow " << s.how.follow;
  return out.str();
}

std::string fastest() {
  return std::filesystem::is_directory("/dev/shm") ? "posix in /dev/shm"
                                                   : "posix";
}

/// Makes the calls of one history on the named disk and on a memory_vfs.
void play(const std::string& name, paths which, uint64_t seed) {
  INFO("replay with seed " << seed << " on " << name);
  const size_t steps = 500;
  recorder real{name, ""};
  auto mirrored = which == paths::all
                  ? real.home().substr(0, real.home().find("/j"))
                  : "/home";
  recorder model{"memory", mirrored};
  step_generator steps_of{seed, real.home(), which};
  std::vector<std::string> history;
  for (size_t i = 0; i < steps; ++i) {
    auto s = steps_of.next();
    auto expected = real.apply(s);
    auto found = model.apply(s);
    history.push_back(expected + " <- " + text_of(s));
    if (expected != found) {
      std::string before;
      for (auto j = history.size() > 12 ? history.size() - 12 : 0;
           j < history.size(); ++j)
        before += history[j] + "\n";
      INFO("step " << i << " after\n" << before);
      REQUIRE(found == expected);
    }
  }
  CHECK(model.dump() == real.dump());
}

/// Calls `play_one` with the seed of each history.
template <class PlayOne>
void for_each_seed(PlayOne play_one) {
  auto before = ::umask(022);
  auto histories = steps_to_do() / 500 + 1;
  for (uint64_t seed = 0; seed < histories; ++seed)
    play_one(seed);
  ::umask(before);
}

} // namespace

TEST_CASE("memory_vfs and the system have equal results for random calls") {
  // Most histories run in memory (tmpfs), some on a real disk.
  for_each_seed([](uint64_t seed) {
    play(seed % 4 == 0 ? "posix" : fastest(), paths::all, seed);
  });
}

TEST_CASE("rooted_vfs has equal results for random calls that stay inside") {
  for_each_seed([](uint64_t seed) { play("rooted", paths::downward, seed); });
}
