#include "transfer/paced_copy.hpp"

#include "transfer/transfer.hpp"
#include "transfer/tree_transfer.hpp"

namespace spindle::tool {

attempt<void> copy_at_pace(
  disk_access& disk, const std::string& source, const std::string& target,
  bool overwrite, transfer_pace& pace,
  const std::function<void(uint64_t, std::optional<uint64_t>)>& on_bytes) {
  transfer copy{{.from = disk,
                 .source = source,
                 .to = disk,
                 .target = target,
                 .chunk_size = pace.chunk_size(),
                 .overwrite = overwrite,
                 .keep_part = false,
                 .verify = false,
                 .pace = &pace},
                {.on_bytes = on_bytes,
                 .on_note = [](const std::string&) {},
                 .on_verify = [] {},
                 .on_complete = [] {}}};
  return copy.run();
}

void copy_tree_at_pace(
  disk_access& disk, const std::string& source, const std::string& target,
  bool overwrite,
  const std::function<void(const std::string&, const std::string&)>& on_file,
  const std::function<void(const failure&)>& on_failure) {
  retry_policy never{0, {}};
  transfer_tree({.from = disk,
                 .source = source,
                 .to = disk,
                 .target = target,
                 .overwrite = overwrite},
                {on_file, on_failure, never});
}

} // namespace spindle::tool
