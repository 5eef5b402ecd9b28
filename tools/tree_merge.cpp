#include "tree_merge.hpp"

#include "disk_path.hpp"

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
    // Everything is found before anything is made, so that what is made is not
    // found again.
    if (!find_entries())
      return;
    for (const auto& entry : entries_) {
      if (!whole_.empty() && entry.path.starts_with(whole_ + '/'))
        continue;
      auto copied = entry.type == file_type::directory ? copy_directory(entry)
                                                       : copy_file(entry);
      if (!copied)
        on_failure_(copied.error());
    }
  }

private:
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
      for (const auto& x : page->unreadable)
        on_failure_({.code = errc_of(x.sys_errno),
                     .path = joined(source_, x.path),
                     .sys_errno = x.sys_errno});
      walk.after = page->next;
    } while (!walk.after.empty());
    return true;
  }

  /// Only a directory as a whole keeps all that is known about it.
  attempt<done> copy_directory(const walk_entry& entry) {
    auto target = joined(target_, entry.path);
    if (!how_.preserve || disk_.run(file_stat{.path = target}))
      return make_directory(entry);
    whole_ = entry.path;
    return disk_.run(directory_copy{
      .path = joined(source_, entry.path), .target = target, .preserve = true});
  }

  attempt<done> make_directory(const walk_entry& entry) {
    auto info = disk_.run(file_stat{.path = joined(source_, entry.path)});
    if (!info)
      return tl::unexpected{info.error()};
    // Whoever copies must be able to fill it.
    return disk_.run(
      directory_create{.path = joined(target_, entry.path),
                       .exist_ok = true,
                       .permissions = (info->permissions & 0777) | 0700});
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
  /// A directory that was copied with all that it contains.
  std::string whole_;
  const std::function<void(const failure&)>& on_failure_;
  std::vector<walk_entry> entries_;
};

} // namespace

void merge_tree(disk_access& disk, const std::string& source,
                const std::string& target, const merge_options& how,
                const std::function<void(const failure&)>& on_failure) {
  tree_merger{disk, source, target, how, on_failure}.run();
}

} // namespace spindle::tool
