#include "check.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unordered_map>
#include <unordered_set>

namespace demo {

namespace {

namespace stdfs = std::filesystem;

using spindle::file_type;

/// Returns whether two files hold the same bytes.
bool same_bytes(const std::string& x, const std::string& y) {
  std::ifstream in_x{x, std::ios::binary};
  std::ifstream in_y{y, std::ios::binary};
  using iterator = std::istreambuf_iterator<char>;
  return in_x && in_y
      && std::equal(iterator{in_x}, iterator{}, iterator{in_y}, iterator{});
}

class checker {
public:
  checker(const original& tree, const plan& todo, const std::string& directory)
      : tree_(tree), directory_(directory) {
    for (const auto& x : todo.result)
      if (x.path.empty())
        deleted_.push_back(x.source);
      else
        expected_.emplace(x.path, x.source);
    undecided_.insert(todo.undecided.begin(), todo.undecided.end());
  }

  findings run() && {
    for (const auto& top : {copy_root, moved_root})
      if (stdfs::exists(directory_ + "/" + top))
        look_into(top);
    // `look_into` has erased the entries that it found.
    for (const auto& [path, source] : expected_)
      complain("missing", path);
    for (const auto* x : deleted_)
      if (exists(copy_root + "/" + x->path))
        complain("not deleted", copy_root + "/" + x->path);
      else
        ++res_.deleted;
    return std::move(res_);
  }

private:
  void look_into(const std::string& path) {
    for (const auto& x : stdfs::directory_iterator{directory_ + "/" + path}) {
      auto below = path + "/" + x.path().filename().string();
      if (undecided_.contains(below))
        continue;
      auto i = expected_.find(below);
      if (i == expected_.end()) {
        complain("should not be there", below);
        continue;
      }
      compare(x, *i->second, below);
      expected_.erase(i);
      if (x.symlink_status().type() == stdfs::file_type::directory)
        look_into(below);
    }
  }

  /// Compares an entry of the copy with its source.
  void compare(const stdfs::directory_entry& found, const entry& source,
               const std::string& path) {
    auto from = tree_.root + "/" + source.path;
    auto type = found.symlink_status().type();
    auto good = false;
    if (source.type == file_type::directory) {
      good = type == stdfs::file_type::directory;
      ++res_.directories;
    } else if (source.type == file_type::symlink) {
      good = type == stdfs::file_type::symlink
          && stdfs::read_symlink(found) == stdfs::read_symlink(from);
      ++res_.links;
    } else {
      good = type == stdfs::file_type::regular
          && same_bytes(from, found.path().string());
      res_.bytes += source.bytes;
      ++res_.files;
    }
    if (!good)
      complain("differs from " + from, path);
  }

  bool exists(const std::string& path) const {
    return stdfs::symlink_status(directory_ + "/" + path).type()
        != stdfs::file_type::not_found;
  }

  void complain(const std::string& what, const std::string& path) {
    res_.problems.push_back(path + ": " + what);
  }

  const original& tree_;
  std::string directory_;
  std::unordered_map<std::string, const entry*> expected_;
  std::unordered_set<std::string> undecided_;
  std::vector<const entry*> deleted_;
  findings res_;
};

} // namespace

findings check(const original& tree, const plan& todo,
               const std::string& directory) {
  auto start = std::chrono::steady_clock::now();
  auto res = checker{tree, todo, directory}.run();
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  res.seconds = time.count();
  return res;
}

} // namespace demo
