#include "spindle/fs/sweep.hpp"

#include "spindle/fs/descent.hpp"
#include "spindle/fs/path.hpp"
#include "spindle/fs/temporary.hpp"

#include <cerrno>
#include <csignal>
#include <utility>

namespace spindle::fs {

namespace {

bool is_alive(pid_t process) {
  // Signal 0 only checks. A living process of another user gives EPERM.
  return ::kill(process, 0) == 0 || errno != ESRCH;
}

bool is_in_use(const temporary_owner& owner) {
  auto self = this_temporary_owner();
  // An earlier process with our id has ended.
  return owner.process == self.process ? owner == self
                                       : is_alive(owner.process);
}

class sweeper {
public:
  sweeper(vfs& disk, directory_ptr top, const sweep_scope& scope)
      : disk_(disk), scope_(scope), where_(disk, std::move(top)) {}

  tree_report run() {
    if (auto opened = open_level(); !opened) {
      report_.add(".", opened.error());
      return std::move(report_);
    }
    while (!levels_.empty()) {
      auto& pending = levels_.back();
      if (pending.empty()) {
        close_level();
        continue;
      }
      auto entry = std::move(pending.back());
      pending.pop_back();
      handle(entry);
    }
    return std::move(report_);
  }

private:
  /// Reads the directory that was entered last.
  result<void> open_level() {
    auto here = where_.current();
    if (!here)
      return fail(here.error());
    auto entries = read_entries(**here);
    if (!entries)
      return fail(entries.error());
    levels_.push_back(std::move(*entries));
    return {};
  }

  void close_level() {
    levels_.pop_back();
    if (!levels_.empty())
      where_.leave();
  }

  void handle(const directory_entry& entry) {
    // Directories in use are not descended into, either.
    if (auto owner = temporary_owner_of(entry.name)) {
      if (!is_in_use(*owner) && is_in_scope(entry.name))
        record(entry.name, remove(entry));
    } else if (scope_.recursive && entry.type == file_type::directory) {
      enter(entry.name);
    }
  }

  bool is_in_scope(const std::string& name) {
    if (!scope_.user && scope_.min_age.count() == 0)
      return true;
    auto here = where_.current();
    if (!here)
      return false;
    auto info = disk_.stat(**here, name, false);
    // Only st_ctime cannot be set; a copy sets the other times to those of its
    // source.
    return info && (!scope_.user || info->user == *scope_.user)
        && std::chrono::system_clock::now() - info->changed >= scope_.min_age;
  }

  void enter(const std::string& name) {
    auto entered = where_.enter(name, [this] { return open_level(); });
    // A directory that was removed or replaced meanwhile is no failure.
    if (!entered && entered.error() != ENOENT && entered.error() != ENOTDIR)
      report_.add(joined(where_.path(), name), entered.error());
  }

  result<void> remove(const directory_entry& entry) {
    auto here = where_.current();
    if (!here)
      return fail(here.error());
    if (entry.type != file_type::directory)
      return disk_.remove_file(**here, entry.name);
    auto removed
      = run_to_end(remove_tree(disk_, **here, entry.name, ownership::own));
    if (removed.failed > 0)
      return fail(removed.entries.front().sys_errno);
    return {};
  }

  void record(const std::string& name, const result<void>& removed) {
    if (removed)
      ++report_.done;
    else if (removed.error() != ENOENT)
      report_.add(joined(where_.path(), name), removed.error());
  }

  vfs& disk_;
  const sweep_scope& scope_;
  descent where_;
  std::vector<std::vector<directory_entry>> levels_;
  tree_report report_;
};

} // namespace

tree_report sweep_leftovers(vfs& disk, const std::string& top,
                            const sweep_scope& scope) {
  auto opened = disk.open_directory(disk.start(), top, true);
  if (opened)
    return sweeper{disk, std::move(*opened), scope}.run();
  tree_report res;
  res.add(".", opened.error());
  return res;
}

} // namespace spindle::fs
