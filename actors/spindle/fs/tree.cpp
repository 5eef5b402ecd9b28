#include "spindle/fs/tree.hpp"

#include "spindle/fs/path.hpp"
#include "spindle/fs/same_file.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

namespace spindle::fs {

namespace {

constexpr size_t max_reported_entries = 100;
constexpr size_t max_reported_losses = 10;

/// Directories above the root of a confined disk, or above a directory without
/// search permission, cannot be accessed.
bool is_inaccessible(int sys_errno) {
  return sys_errno == EACCES || sys_errno == ENAMETOOLONG;
}

/// Compares a directory and all its ancestors, up to the root, with `top`.
result<bool> is_or_is_below(vfs& disk, std::string path, file_info here,
                            const file_info& top) {
  for (;;) {
    if (is_same(here, top))
      return true;
    path += "/..";
    auto above = disk.stat(disk.start(), path, true);
    if (!above && is_inaccessible(above.error()))
      return false;
    if (!above)
      return fail(above.error());
    if (is_same(*above, here))
      return false;
    here = *above;
  }
}

} // namespace

void tree_report::add(std::string path, int sys_errno) {
  ++failed;
  if (entries.size() < max_reported_entries)
    entries.push_back({std::move(path), sys_errno});
}

void tree_report::forget_after(uint64_t count) {
  failed = count;
  entries.resize(std::min<uint64_t>(entries.size(), count));
}

void tree_report::add_lost(const std::string& what) {
  auto known = std::find(lost.begin(), lost.end(), what) != lost.end();
  if (!known && lost.size() < max_reported_losses)
    lost.push_back(what);
}

attempt<void> tree_report::outcome(const std::string& path,
                                   const std::string& verb) const {
  if (is_complete())
    return {};
  if (stopped != 0)
    return fs::failed(stopped, path,
                      verb + ' ' + std::to_string(done) + " entries", done);
  auto reason = entries.front().sys_errno;
  if (done == 0 && entries.front().path == ".")
    return fs::failed(reason, path);
  auto detail = verb + ' ' + std::to_string(done) + " entries, "
              + std::to_string(failed) + " failed";
  if (leftovers > 0)
    detail += "; " + std::to_string(leftovers)
            + " unfinished copies could not be removed";
  for (size_t i = 0; i < lost.size(); ++i)
    detail += (i == 0 ? std::string{"; "} + lost_text : ", ") + lost[i];
  auto res = fs::failed(reason, path, std::move(detail), done);
  res.value().code = errc::partial_failure;
  res.value().entries = entries;
  return res;
}

result<bool> is_or_is_inside(vfs& disk, const std::string& path,
                             const file_info& top) {
  auto info = disk.stat(disk.start(), path, true);
  if (!info)
    return fail(info.error());
  return is_or_is_below(disk, path, *info, top);
}

result<bool> is_inside(vfs& disk, const std::string& path,
                       const file_info& top) {
  for (auto above = parent_of(path);; above = parent_of(above)) {
    auto info = disk.stat(disk.start(), above, true);
    if (info)
      return is_or_is_below(disk, above, *info, top);
    if (is_inaccessible(info.error()))
      return false;
    if (info.error() != ENOENT || parent_of(above) == above)
      return fail(info.error());
  }
}

} // namespace spindle::fs
