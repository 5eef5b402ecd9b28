#include "transfer/tree_transfer.hpp"

#include "cli/disk_path.hpp"
#include "cli/missing_directory.hpp"
#include "text/file_text.hpp"

#include "spindle/fs/path.hpp"

#include <utility>
#include <vector>

namespace spindle::tool {

namespace {

constexpr uint32_t set_group_id = 02000;

class tree_bringer {
public:
  tree_bringer(const tree_job& job, const tree_events& events)
      : job_(job), events_(events) {}

  void run() {
    if (!find_entries() || !make_top())
      return;
    for (const auto& entry : entries_)
      bring(entry);
    complete_directories();
  }

private:
  // -- source -----------------------------------------------------------------

  bool find_entries() {
    directory_walk walk{.path = job_.source};
    do {
      auto page = events_.again.run([&] { return job_.from.run(walk); });
      if (!page) {
        events_.on_failure(page.error());
        return false;
      }
      for (auto& entry : page->entries)
        entries_.push_back(std::move(entry));
      for (const auto& x : page->unreadable)
        events_.on_failure({.code = errc_of(x.sys_errno),
                            .path = source_of(x.path),
                            .sys_errno = x.sys_errno});
      walk.after = page->next;
    } while (!walk.after.empty());
    return true;
  }

  // -- transfers --------------------------------------------------------------

  void bring(const walk_entry& entry) {
    switch (entry.type) {
      case file_type::file:
        events_.on_file(source_of(entry.path), target_of(entry.path));
        break;
      case file_type::directory:
        settled(make_directory(entry.path));
        break;
      case file_type::symlink:
        settled(copy_link(entry.path));
        break;
      default:
        events_.on_failure({.code = errc::not_supported,
                            .path = source_of(entry.path),
                            .detail = no_file_text(entry.type)});
    }
  }

  bool make_top() {
    auto made = make_directory({});
    if (!made)
      made.error() = explained(job_.to, std::move(made.error()),
                               fs::without_slash(job_.target));
    return settled(made);
  }

  attempt<done> make_directory(const std::string& relative) {
    return events_.again.run([&]() -> attempt<done> {
      auto info = job_.from.run(file_stat{.path = source_of(relative)});
      if (!info)
        return tl::unexpected{std::move(info.error())};
      // The owner must be able to make entries in it.
      directory_create how{.path = target_of(relative),
                           .permissions = (info->permissions & 0777) | 0700};
      auto made = job_.to.run(how);
      if (made)
        made_.emplace_back(relative, *info);
      else if (made.error().code == errc::already_exists) {
        how.exist_ok = true;
        made = job_.to.run(how);
      }
      return made;
    });
  }

  attempt<done> copy_link(const std::string& relative) {
    return events_.again.run([&]() -> attempt<done> {
      auto text = job_.from.run(symlink_read{.path = source_of(relative)});
      if (!text)
        return tl::unexpected{std::move(text.error())};
      return job_.to.run(symlink_create{.path = target_of(relative),
                                        .target = *std::move(text),
                                        .overwrite = job_.overwrite});
    });
  }

  /// Sets times and permissions after all entries are made: entries change the
  /// times, and the permissions may forbid to make them.
  void complete_directories() {
    if (!job_.preserve)
      return;
    for (auto it = made_.rbegin(); it != made_.rend(); ++it)
      settled(complete(target_of(it->first), it->second));
  }

  attempt<done> complete(const std::string& path, const file_info& info) {
    return events_.again.run([&] {
      return job_.to
        .run(set_times{
          .path = path, .accessed = info.accessed, .modified = info.modified})
        .and_then([&](done) { return complete_permissions(path, info); });
    });
  }

  /// Keeps the setgid bit, which a directory inherits from its parent. A node
  /// drops that bit whenever permissions are set, and so does the system if the
  /// group is a foreign one. So permissions that are right are not set again.
  attempt<done> complete_permissions(const std::string& path,
                                     const file_info& info) {
    auto made = job_.to.run(file_stat{.path = path});
    if (!made)
      return tl::unexpected{std::move(made.error())};
    auto wanted
      = (info.permissions & 0777) | (made->permissions & set_group_id);
    if (wanted == (made->permissions & 07777))
      return done{};
    return job_.to.run(set_permissions{.path = path, .permissions = wanted});
  }

  bool settled(const attempt<done>& step) {
    if (!step)
      events_.on_failure(step.error());
    return step.has_value();
  }

  // -- paths ------------------------------------------------------------------

  std::string source_of(const std::string& relative) const {
    return relative.empty() ? job_.source
                            : path_in(job_.from, job_.source, relative);
  }

  std::string target_of(const std::string& relative) const {
    return relative.empty() ? job_.target
                            : path_in(job_.to, job_.target, relative);
  }

  const tree_job& job_;
  const tree_events& events_;
  std::vector<walk_entry> entries_;
  /// New directories, with the properties of their sources.
  std::vector<std::pair<std::string, file_info>> made_;
};

} // namespace

void transfer_tree(const tree_job& job, const tree_events& events) {
  tree_bringer{job, events}.run();
}

std::string path_in(const disk_access& disk, const std::string& directory,
                    const std::string& name) {
  auto is_whole
    = begin_of_name(directory, disk.has_volumes()) == directory.size();
  return is_whole ? directory + name : directory + '/' + name;
}

} // namespace spindle::tool
