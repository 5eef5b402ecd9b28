#include "plan.hpp"

#include <unordered_set>
#include <utility>

namespace demo {

namespace {

using spindle::file_type;

/// Of every ten files or directories, one is renamed, one moved, one deleted.
fate fate_of(size_t number) {
  switch (number % 10) {
    case 2:
      return fate::renamed;
    case 5:
      return fate::moved;
    case 8:
      return fate::deleted;
    default:
      return fate::stays;
  }
}

class planner {
public:
  explicit planner(const original& tree) {
    for (const auto& what : tree.parts) {
      for (const auto& x : what.entries)
        taken_.insert(x.path);
      taken_.insert(what.left_out.begin(), what.left_out.end());
    }
    for (const auto& what : tree.parts)
      decide(what);
  }

  plan take() && {
    return std::move(plan_);
  }

private:
  void decide(const part& what) {
    auto home = copy_root + "/" + what.path;
    auto self = step{fate::stays, home, home};
    if (what.type == file_type::directory && what.whole)
      self = change(what.path, "directory-", directories_++, plan_.directories);
    for (const auto& x : what.entries)
      if (x.type == file_type::file && self.what == fate::stays)
        plan_.result.push_back(
          {&x, change(x.path, "file-", files_++, plan_.files).to});
      else
        plan_.result.push_back({&x, below(self, what.path, x.path)});
    for (const auto& path : what.left_out)
      plan_.undecided.push_back(below(self, what.path, path));
  }

  /// Decides what happens to one entry, and adds the change to `steps`.
  step change(const std::string& path, const std::string& kind, size_t number,
              std::vector<step>& steps) {
    auto name = kind + std::to_string(number);
    auto res = step{fate_of(number), copy_root + "/" + path, {}};
    auto sibling = path.substr(0, path.rfind('/') + 1) + "renamed-" + name;
    if (res.what == fate::renamed && taken_.contains(sibling))
      res.what = fate::stays;
    switch (res.what) {
      case fate::stays:
        res.to = res.from;
        return res;
      case fate::renamed:
        res.to = copy_root + "/" + sibling;
        break;
      case fate::moved:
        res.to = moved_root + "/" + name;
        break;
      case fate::deleted:
        break;
    }
    steps.push_back(res);
    return res;
  }

  /// Returns the final path of an entry within a part; empty if deleted.
  static std::string below(const step& self, const std::string& part_path,
                           const std::string& path) {
    return self.to.empty() ? "" : self.to + path.substr(part_path.size());
  }

  plan plan_;
  std::unordered_set<std::string> taken_;
  size_t directories_ = 0;
  size_t files_ = 0;
};

} // namespace

plan make_plan(const original& tree) {
  return planner{tree}.take();
}

} // namespace demo
