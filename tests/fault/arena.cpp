#include "arena.hpp"

#include "vfs_disks.hpp"

#include "spindle/fs/posix/posix_file.hpp"
#include "spindle/fs/testing/dump.hpp"
#include "spindle/fs/tree.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace fault {

using namespace spindle;
using namespace spindle::fs;
using kit::value_of;

namespace {

namespace stdfs = std::filesystem;

stdfs::path fast_place() {
  return stdfs::is_directory("/dev/shm") ? "/dev/shm"
                                         : stdfs::temp_directory_path();
}

int number_of(const directory& what) {
  return static_cast<const posix::open_directory&>(what).number();
}

/// Creates the tree for the operations, in an empty directory.
result<void> plant(vfs& files, const directory& where,
                   const std::string& text) {
  for (auto name : {"d", "d/sub", "e", "p"})
    if (auto made = files.make_directory(where, name, 0755); !made)
      return made;
  for (auto name : {"f", "g", "d/f", "d/sub/g", "e/old"}) {
    auto made = files.open(where, name,
                           {.write = true, .create = true, .exclusive = true});
    if (!made)
      return fail(made.error());
    if (auto put = (*made)->write(kit::bytes_of(text)); !put)
      return fail(put.error());
  }
  for (auto name : {"link", "d/link"})
    if (auto made = files.make_link(text, where, name); !made)
      return made;
  return {};
}

/// Adds the links that are exchanged with what `plant` made.
result<void> plant_links(vfs& files, const directory& where) {
  if (auto made = files.make_link("../../outside/f", where, "fl"); !made)
    return made;
  return files.make_link("../../outside/d", where, "dl");
}

/// Reads a file without changing its access time.
std::string content_of(const stdfs::path& path) {
  posix::descriptor file{
    ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC)};
  char block[4096];
  auto size = ::read(file.get(), block, sizeof(block));
  return size < 0 ? "unreadable"
                  : std::string(block, static_cast<size_t>(size));
}

std::string time_of(const timespec& x) {
  return std::to_string(x.tv_sec) + '.' + std::to_string(x.tv_nsec);
}

std::string description_of(const stdfs::path& path) {
  struct stat info;
  if (::lstat(path.c_str(), &info) == -1)
    throw std::system_error{errno, std::generic_category(), path};
  std::ostringstream out;
  out << path << " mode " << info.st_mode << " inode " << info.st_ino
      << " links " << info.st_nlink << " owner " << info.st_uid << " size "
      << info.st_size << " modified " << time_of(info.st_mtim) << " changed "
      << time_of(info.st_ctim);
  if (S_ISREG(info.st_mode))
    // For directories, the access time is left out: listing them changes it.
    out << " accessed " << time_of(info.st_atim) << " content "
        << content_of(path);
  return out.str();
}

/// Calls `act` with all paths below `top` and itself.
template <class Act>
void for_each_path(const stdfs::path& top, Act act) {
  act(top);
  for (auto& entry : stdfs::recursive_directory_iterator{top})
    act(entry.path());
}

} // namespace

// -- arena --------------------------------------------------------------------

arena::arena() : all_(fast_place()), root_(all_ / "root") {
  make_outside();
  make_root();
}

std::string arena::path_of(const std::string& name) const {
  return all_ / name;
}

void arena::make_outside() {
  auto& start = files_.start();
  value_of(files_.make_directory(start, path_of("outside"), 0755));
  auto where
    = value_of(files_.open_directory(start, path_of("outside"), false));
  value_of(plant(files_, *where, sentinel));
  value_of(files_.make_directory(*where, "only_outside", 0755));
  value_of(
    files_.open(*where, "only_outside/file", {.write = true, .create = true}));
  // A temporary file of a dead process.
  value_of(files_.open(*where, ".spindle-2147483647-1-1.tmp",
                       {.write = true, .create = true}));
  for_each_path(path_of("outside"), [&](const stdfs::path& path) {
    // With relatime, only an old access time is updated by the next access.
    auto long_ago = file_time{std::chrono::seconds{1'000'000'000}};
    value_of(files_.set_times(start, path, {long_ago, {}}, false));
    auto info = value_of(files_.stat(start, path, false));
    inodes_.emplace(info.device, info.inode);
  });
}

void arena::make_root() {
  auto& start = files_.start();
  value_of(files_.make_directory(start, root_, 0755));
  inner_ = value_of(files_.open_directory(start, root_, false));
  for (auto name : {"d", "e", "s"})
    value_of(files_.make_directory(*inner_, name, 0755));
  value_of(files_.make_link("../outside", *inner_, "l"));
  value_of(files_.make_link(path_of("outside"), *inner_, "m"));
  value_of(files_.make_link("/proc", *inner_, "t"));
  d_ = value_of(files_.open_directory(*inner_, "d", false));
  e_ = value_of(files_.open_directory(*inner_, "e", false));
  restore();
  auto in_root = number_of(*inner_);
  auto d = number_of(*d_);
  auto e = number_of(*e_);
  pairs_ = {{in_root, "d", "l"}, {in_root, "e", "m"}, {in_root, "s", "t"},
            {d, "f", "fl"},      {d, "d", "dl"},      {e, "f", "fl"},
            {e, "d", "dl"}};
}

void arena::restore() {
  for (auto* where : {d_.get(), e_.get()}) {
    run_to_end(
      clear_tree(files_, value_of(files_.open_directory(*where, ".", false))));
    value_of(plant(files_, *where, "inside"));
    value_of(plant_links(files_, *where));
  }
}

std::string arena::outside() const {
  std::set<std::string> lines;
  for_each_path(path_of("outside"), [&](const stdfs::path& path) {
    lines.insert(description_of(path));
  });
  std::string res;
  for (auto& line : lines)
    res += line + '\n';
  return res;
}

std::string arena::inside() {
  return dump_of(files_, *d_) + dump_of(files_, *e_);
}

std::set<std::string> arena::names() const {
  std::set<std::string> res;
  for (auto& place : {all_.path(), root_})
    for (auto& entry : stdfs::directory_iterator{place})
      res.insert(entry.path().filename());
  return res;
}

int arena::exchange() const {
  auto res = 0;
  for (auto& [directory, name, other] : pairs_)
    res += ::renameat2(directory, name, directory, other, RENAME_EXCHANGE) == 0
           ? 1
           : 0;
  return res;
}

// -- exchanger ----------------------------------------------------------------

exchanger::exchanger(const arena& where) {
  auto* memory = ::mmap(nullptr, sizeof(state), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw std::system_error{errno, std::generic_category(), "mmap"};
  shared_ = new (memory) state;
  process_ = ::fork();
  if (process_ == -1)
    throw std::system_error{errno, std::generic_category(), "fork"};
  if (process_ == 0)
    run(where);
}

void exchanger::run(const arena& where) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (;;) {
    shared_->paused = false;
    while (shared_->wanted)
      shared_->count += static_cast<uint64_t>(where.exchange());
    shared_->paused = true;
    while (!shared_->wanted)
      ::sched_yield();
  }
}

void exchanger::pause() {
  shared_->wanted = false;
  while (!shared_->paused)
    ::sched_yield();
}

exchanger::~exchanger() {
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  ::munmap(shared_, sizeof(state));
}

} // namespace fault
