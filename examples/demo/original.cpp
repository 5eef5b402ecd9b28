#include "original.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace demo {

namespace {

namespace stdfs = std::filesystem;

using spindle::file_type;

/// Returns the type of a path that can be copied, `unknown` for others.
file_type type_of(const std::string& path) {
  auto may = [&](int mode) {
    return ::faccessat(AT_FDCWD, path.c_str(), mode, AT_EACCESS) == 0;
  };
  // A path without a known status is left out, like an unreadable one.
  std::error_code ignored;
  switch (stdfs::symlink_status(path, ignored).type()) {
    case stdfs::file_type::symlink:
      return file_type::symlink;
    case stdfs::file_type::regular:
      return may(R_OK) ? file_type::file : file_type::unknown;
    case stdfs::file_type::directory:
      return may(R_OK | X_OK) ? file_type::directory : file_type::unknown;
    default:
      return file_type::unknown;
  }
}

std::vector<std::string> names_in(const std::string& path) {
  std::vector<std::string> res;
  for (const auto& x : stdfs::directory_iterator{path})
    res.push_back(x.path().filename().string());
  std::sort(res.begin(), res.end());
  return res;
}

std::string join(const std::string& base, const std::string& name) {
  return base.empty() ? name : base + "/" + name;
}

/// Cuts a tree into parts, until the limits are reached.
class cutter {
public:
  cutter(original& tree, const limits& most) : tree_(tree), most_(most) {}

  /// Adds the content of a directory, part by part.
  void fill(const std::string& path) {
    for (const auto& name : names_in(tree_.root + "/" + path)) {
      if (tree_.limited)
        return;
      take(join(path, name));
    }
  }

private:
  void take(const std::string& path) {
    auto files = tree_.files;
    auto bytes = tree_.bytes;
    part whole{.path = path};
    if (collect(path, whole)) {
      whole.type = whole.entries.empty() ? file_type::unknown
                                         : whole.entries.front().type;
      add(std::move(whole));
      return;
    }
    // Exceeds the limits. The first entries of the directory may still fit.
    tree_.files = files;
    tree_.bytes = bytes;
    if (type_of(tree_.root + "/" + path) == file_type::directory) {
      auto self = entry{.path = path, .type = file_type::directory};
      add({path, self.type, false, {self}, {}});
      fill(path);
    }
    tree_.limited = true;
  }

  /// Adds `path` and everything below it to `out`.
  /// @returns false if that exceeds the limits.
  bool collect(const std::string& path, part& out) {
    auto full = tree_.root + "/" + path;
    auto type = type_of(full);
    if (type == file_type::unknown) {
      out.left_out.push_back(path);
      return true;
    }
    auto& self = out.entries.emplace_back(entry{.path = path, .type = type});
    if (type == file_type::file) {
      self.bytes = stdfs::file_size(full);
      ++tree_.files;
      tree_.bytes += self.bytes;
      return tree_.files <= most_.files && tree_.bytes <= most_.bytes;
    }
    if (type == file_type::symlink)
      return true;
    constexpr auto change = stdfs::perms::owner_write;
    self.sealed = (stdfs::status(full).permissions() & change) != change;
    auto names = names_in(full);
    return std::all_of(names.begin(), names.end(), [&](const auto& name) {
      return collect(join(path, name), out);
    });
  }

  void add(part what) {
    auto count = [&](file_type type) {
      auto pred = [type](const entry& x) { return x.type == type; };
      return static_cast<size_t>(
        std::count_if(what.entries.begin(), what.entries.end(), pred));
    };
    tree_.directories += count(file_type::directory);
    tree_.links += count(file_type::symlink);
    tree_.left_out += what.left_out.size();
    if (!what.entries.empty())
      tree_.parts.push_back(std::move(what));
  }

  original& tree_;
  const limits& most_;
};

} // namespace

original look_at(const std::string& root, const limits& most) {
  original res{.root = root};
  cutter{res, most}.fill("");
  return res;
}

} // namespace demo
