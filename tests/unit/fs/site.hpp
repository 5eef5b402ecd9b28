// A root with files inside and outside of it.
#pragma once

#include "op_disk.hpp"

#include <memory>
#include <string>

namespace kit {

/// A directory that contains a root, and files outside of it.
class site {
public:
  explicit site(spindle::access_mode access = spindle::access_mode::read_write)
      : files_(prepare(access)), root_(open_root()) {}

  spindle::fs::vfs& files() {
    return *files_;
  }

  const spindle::fs::directory& root() const {
    return *root_;
  }

  /// Returns the path of an entry beside the root.
  std::string operator/(const std::string& name) const {
    return all_ / name;
  }

  /// Returns all files in the root and outside as text.
  std::string dump() {
    spindle::fs::posix_vfs files;
    auto top = value_of(files.open_directory(files.start(), all_.path(), true));
    return dump_of(files, *top);
  }

private:
  std::shared_ptr<spindle::fs::rooted_vfs>
  prepare(spindle::access_mode access) {
    spindle::fs::posix_vfs files;
    auto& start = files.start();
    for (auto name : {"root", "root/d", "root/d/e", "outside", "outside/d"})
      value_of(files.make_directory(start, all_ / name, 0755));
    for (auto name : {"root/f", "root/d/f", "outside/f", "outside/d/f"})
      value_of(value_of(files.open(start, all_ / name,
                                   {.write = true, .create = true}))
                 ->write(bytes_of(name)));
    auto link = [&](const std::string& target, const std::string& name) {
      value_of(files.make_link(target, start, all_ / ("root/" + name)));
    };
    link("../outside", "out");
    link(all_ / "outside", "absolute");
    link(all_ / "root", "absolute inside");
    link("d/../../outside", "out by d");
    link("out", "to out");
    link("../d/f", "d/up");
    link("../../outside/d", "d/out");
    link("../outside/new", "new");
    return rooted_at(all_ / "root", access);
  }

  spindle::fs::directory_ptr open_root() {
    return value_of(files_->open_directory(files_->start(), ".", true));
  }

  temp_dir all_;
  std::shared_ptr<spindle::fs::rooted_vfs> files_;
  spindle::fs::directory_ptr root_;
};

} // namespace kit
