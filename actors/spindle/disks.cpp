#include "spindle/disks.hpp"

#include "spindle/fs/memory/memory_vfs.hpp"
#include "spindle/fs/posix/posix_vfs.hpp"
#include "spindle/fs/posix/rooted_vfs.hpp"
#include "spindle/fs/sweep.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"

#include <memory>
#include <utility>

namespace spindle {

disk_ptr real_disk() {
  return std::make_shared<fs::posix_vfs>();
}

attempt<disk_ptr> confined_disk(const std::string& root, access_mode access,
                                root_terms terms) {
  return fs::rooted_vfs::open(root, access, std::move(terms))
    .map_error([](failure why) {
      why.operation = "confined_disk";
      return why;
    });
}

disk_ptr memory_disk() {
  return std::make_shared<fs::memory_vfs>();
}

disk_ptr observed_disk(
  disk_ptr base,
  std::function<void(std::string_view call, const std::string& path)>
    observer) {
  auto res = std::make_shared<fs::faulty_vfs>(std::move(base));
  res->plan().observe([observer = std::move(observer)](
                        fs::call_kind call, const std::string& path) {
    observer(to_string(call), path);
  });
  return res;
}

attempt<uint64_t> remove_leftovers(const disk_ptr& disk, const std::string& top,
                                   std::chrono::nanoseconds min_age) {
  auto report = fs::sweep_leftovers(*disk, top, {.min_age = min_age});
  if (report.entries.empty())
    return report.done;
  auto sys_errno = report.entries.front().sys_errno;
  return tl::unexpected{
    failure{.code = errc_of(sys_errno),
            .operation = "remove_leftovers",
            .path = top,
            .sys_errno = sys_errno,
            .detail = std::to_string(report.failed) + " could not be removed",
            .done = report.done,
            .entries = std::move(report.entries)}};
}

} // namespace spindle
