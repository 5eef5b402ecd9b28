#include "transfer/tree_merge.hpp"

#include "cli/disk_path.hpp"

#include <utility>
#include <vector>

namespace spindle::tool {

namespace {

class tree_merger {
public:
  tree_merger(disk_access& disk, const std::string& source,
              const std::string& target, const merge_options& how,
              const std::function<void(const failure&)>& on_failure)
      : disk_(disk),
        source_(source),
        target_(target),
        how_(how),
        on_failure_(on_failure) {}

  void run() {
    // Lists the whole source first, since copies may be made inside of it.
    if (!find_entries())
      return;
    for (const auto& entry : entries_) {
      if (!whole_.empty() && is_within(entry.path, whole_))
        continue;
      auto copied = entry.type == file_type::directory ? copy_directory(entry)
                                                       : copy_file(entry);
      if (!copied)
        on_failure_(copied.error());
    }
    for (const auto& x : unreadable_)
      on_failure_({.code = errc_of(x.sys_errno),
                   .path = joined(source_, x.path),
                   .sys_errno = x.sys_errno});
  }

private:
  static bool is_within(const std::string& path, const std::string& directory) {
    return path == directory || path.starts_with(directory + '/');
  }

  bool find_entries() {
    directory_walk walk{.path = source_};
    do {
      auto page = disk_.run(walk);
      if (!page) {
        on_failure_(page.error());
        return false;
      }
      for (auto& entry : page->entries)
        entries_.push_back(std::move(entry));
      for (auto& x : page->unreadable)
        unreadable_.push_back(std::move(x));
      walk.after = page->next;
    } while (!walk.after.empty());
    return true;
  }

  /// Leaves an existing directory as it is. Copies a new one with a single
  /// operation, which sets its times and permissions after its last entry.
  attempt<done> copy_directory(const walk_entry& entry) {
    auto target = joined(target_, entry.path);
    if (disk_.run(file_stat{.path = target}))
      return disk_.run(directory_create{.path = target, .exist_ok = true});
    whole_ = entry.path;
    // The operation reports these failures itself.
    std::erase_if(unreadable_, [&](const entry_failure& x) {
      return is_within(x.path, whole_);
    });
    return disk_.run(directory_copy{.path = joined(source_, entry.path),
                                    .target = target,
                                    .preserve = how_.preserve});
  }

  attempt<done> copy_file(const walk_entry& entry) {
    return disk_.run(file_copy{.path = joined(source_, entry.path),
                               .target = joined(target_, entry.path),
                               .overwrite = how_.overwrite,
                               .preserve = how_.preserve});
  }

  disk_access& disk_;
  const std::string& source_;
  const std::string& target_;
  merge_options how_;
  /// The last directory that was copied with all that it contains.
  std::string whole_;
  const std::function<void(const failure&)>& on_failure_;
  std::vector<walk_entry> entries_;
  /// Directories whose entries could not be listed.
  std::vector<entry_failure> unreadable_;
};

} // namespace

void merge_tree(disk_access& disk, const std::string& source,
                const std::string& target, const merge_options& how,
                const std::function<void(const failure&)>& on_failure) {
  tree_merger{disk, source, target, how, on_failure}.run();
}

} // namespace spindle::tool
