#include "transfer/part_file.hpp"

#include "cli/disk_path.hpp"
#include "cli/missing_directory.hpp"
#include "text/file_text.hpp"
#include "transfer/chunks.hpp"
#include "transfer/part_name.hpp"

#include "spindle/fs/temporary.hpp"

#include <algorithm>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

namespace spindle::tool {

namespace {

/// Length of a run of zeros that becomes a hole: at least a block of most file
/// systems.
constexpr size_t hole_size = size_t{64} << 10;

/// Write permissions of group and others.
constexpr uint32_t foreign_write = 0022;

/// Drops the empty output of an operation.
attempt<void> finished(const attempt<done>& step) {
  return step.map([](const done&) {});
}

failure part_refusal(errc code, const std::string& path, std::string detail) {
  return {.code = code, .path = path, .detail = std::move(detail)};
}

bool is_zero(std::span<const std::byte> bytes) {
  return bytes.empty()
      || (bytes[0] == std::byte{}
          && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1)
               == 0);
}

} // namespace

part_file::part_file(disk_access& disk, std::string target, bool resumable,
                     note on_note)
    : disk_(disk),
      target_(std::move(target)),
      parent_(target_.substr(0, begin_of_name(target_, disk.has_volumes()))),
      name_(target_.substr(parent_.size())),
      resumable_(resumable),
      on_note_(std::move(on_note)),
      path_(parent_ + fs::temporary_name()) {}

// -- existing files -----------------------------------------------------------

attempt<std::optional<file_info>> part_file::stat(const std::string& path) {
  auto info = disk_.run(file_stat{.path = path, .follow = false});
  if (info)
    return *std::move(info);
  if (info.error().code == errc::not_found)
    return std::nullopt;
  return tl::unexpected{blamed(std::move(info)).error()};
}

attempt<void> part_file::check_target() {
  auto there = disk_.run(file_stat{.path = target_, .follow = name_.empty()});
  if (!there && there.error().code == errc::not_found && !name_.empty())
    return {};
  if (!there)
    return tl::unexpected{there.error().code == errc::not_found
                            ? no_directory(there.error(), target_)
                            : there.error()};
  // Replacing a device, for instance, would make it a file.
  if (there->type == file_type::file || there->type == file_type::symlink)
    return {};
  return tl::unexpected{part_refusal(there->type == file_type::directory
                                       ? errc::is_a_directory
                                       : errc::invalid_argument,
                                     target_, no_file_text(there->type))};
}

attempt<uint64_t> part_file::look() {
  if (auto checked = check_target(); !checked)
    return tl::unexpected{std::move(checked.error())};
  if (!resumable_)
    return 0;
  for (unsigned number = 0; number < max_part_names; ++number) {
    path_ = parent_ + part_name(name_, number);
    auto there = stat(path_);
    if (!there)
      return tl::unexpected{std::move(there.error())};
    if (!*there)
      return 0;
    auto defect = defect_of(**there);
    if (!defect)
      return tl::unexpected{std::move(defect.error())};
    if (!*defect) {
      found_ = **there;
      return found_->size;
    }
    on_note_(path_ + " is left alone: " + **defect);
  }
  return tl::unexpected{part_refusal(
    errc::already_exists, path_,
    "neither this file nor those with a lower number can be used as "
    "the part; remove them, or choose another target")};
}

attempt<std::optional<std::string>>
part_file::defect_of(const file_info& info) {
  if (info.type != file_type::file)
    return no_file_text(info.type);
  if (info.links != 1)
    return "it has other names";
  auto own = probe();
  if (!own)
    return tl::unexpected{std::move(own.error())};
  if (info.user != own->user)
    return "it belongs to another user";
  // Without permissions in the file system, all files have the same ones.
  if ((info.permissions & foreign_write & ~own->permissions) != 0)
    return "others may write it";
  return std::nullopt;
}

attempt<file_info> part_file::probe() {
  if (probed_)
    return *probed_;
  auto path = parent_ + fs::temporary_name();
  auto made = disk_.start(file_create{.path = path, .permissions = 0600});
  auto seen = disk_.start(file_stat{.path = path, .follow = false});
  auto removed = disk_.start(file_delete{.path = path});
  auto created = disk_access::output_of<done>(made);
  auto res = disk_access::output_of<file_info>(seen);
  auto gone = disk_access::output_of<done>(removed);
  if (!created || !gone)
    return tl::unexpected{!created ? created.error() : gone.error()};
  if (res)
    probed_ = *res;
  return res;
}

// -- content ------------------------------------------------------------------

pending_answer part_file::checksum(uint64_t offset, uint64_t length) {
  return disk_.start(
    file_checksum{.path = path_, .offset = offset, .length = length});
}

attempt<void> part_file::begin(uint64_t offset, uint32_t permissions) {
  offset_ = size_ = offset;
  confirmed_ = offset;
  is_made_ = found_.has_value();
  if (found_ && offset == found_->size)
    return restrict(permissions);
  if (found_)
    if (auto removed = disk_.run(file_delete{.path = path_}); !removed)
      return tl::unexpected{std::move(removed.error())};
  return create(permissions);
}

attempt<void> part_file::create(uint32_t permissions) {
  auto made
    = disk_.start(file_create{.path = path_, .permissions = permissions});
  auto seen = disk_.start(file_stat{.path = path_, .follow = false});
  auto created = disk_access::output_of<done>(made);
  auto info = disk_access::output_of<file_info>(seen);
  if (!created && created.error().code == errc::not_found)
    return tl::unexpected{no_directory(created.error(), parent_)};
  if (!created)
    return blamed(finished(created));
  is_made_ = true;
  if (!info)
    return blamed(info.map([](const file_info&) {}));
  found_ = *info;
  return {};
}

attempt<void> part_file::restrict(uint32_t permissions) {
  // The source may have fewer permissions than when the part was made.
  auto fewer = found_->permissions & permissions;
  if (fewer == found_->permissions)
    return {};
  return blamed(
    finished(disk_.run(set_permissions{.path = path_, .permissions = fewer})));
}

attempt<void> part_file::write(const buffer& bytes) {
  if (!holes_)
    return write_data(bytes);
  // Splits the bytes into runs of zero and non-zero blocks.
  for (size_t begin = 0, end = 0; begin < bytes.size(); begin = end) {
    auto is_hole = is_zero(bytes.slice(begin, hole_size).bytes());
    end = begin;
    do
      end = std::min(end + hole_size, bytes.size());
    while (end < bytes.size()
           && is_zero(bytes.slice(end, hole_size).bytes()) == is_hole);
    if (is_hole)
      offset_ += end - begin;
    else if (auto written = write_data(bytes.slice(begin, end - begin));
             !written)
      return written;
  }
  return {};
}

attempt<void> part_file::write_data(buffer bytes) {
  auto size = bytes.size();
  // First, because a disk may write before `start` returns.
  uncertain_ = true;
  auto answer = disk_.start(file_write{.path = path_,
                                       .data = std::move(bytes),
                                       .mode = write_mode::update,
                                       .offset = offset_});
  writes_.push_back({std::move(answer), offset_});
  offset_ += size;
  size_ = offset_;
  return writes_.size() < chunk_window ? attempt<void>{} : finish_one();
}

attempt<void> part_file::flush() {
  while (!writes_.empty())
    if (auto written = finish_one(); !written)
      return written;
  return {};
}

attempt<void> part_file::fill_up() {
  if (auto written = flush(); !written || size_ == offset_)
    return written;
  size_ = offset_;
  return blamed(
    finished(disk_.run(file_truncate{.path = path_, .size = size_})));
}

attempt<void> part_file::finish_one() {
  auto [answer, begin] = std::move(writes_.front());
  writes_.pop_front();
  auto end = writes_.empty() ? size_ : writes_.front().begin;
  auto res = disk_access::output_of<done>(answer);
  if (res) {
    confirmed_ = end;
    uncertain_ = !writes_.empty();
  }
  // After the loss of the node, the state of the file is unknown. The next try
  // compares checksums.
  else if (res.error().code != errc::node_lost)
    drop_rest(begin + res.error().done);
  // The detail describes the part, but the failure names the target.
  if (!res)
    res.error().detail.clear();
  return blamed(finished(res));
}

void part_file::drop_rest(uint64_t size) {
  // Later writes may have succeeded, and must end before the truncation.
  for (; !writes_.empty(); writes_.pop_front())
    writes_.front().answer();
  auto cut = disk_.run(file_truncate{.path = path_, .size = size});
  if (cut) {
    confirmed_ = size;
    uncertain_ = false;
  }
}

// -- completion ---------------------------------------------------------------

attempt<void> part_file::commit(const part_attributes& attributes) {
  return blamed(complete(attributes).and_then([&] {
    return finished(disk_.run(file_rename{.path = path_,
                                          .target = target_,
                                          .overwrite = attributes.overwrite,
                                          .durability = durability::data}));
  }));
}

attempt<void> part_file::complete(const part_attributes& attributes) {
  std::vector<pending_answer> steps;
  if (attributes.accessed || attributes.modified)
    steps.push_back(disk_.start(set_times{.path = path_,
                                          .accessed = attributes.accessed,
                                          .modified = attributes.modified}));
  steps.push_back(disk_.start(file_sync{.path = path_}));
  // Last, since the permissions may forbid the other steps.
  if (attributes.permissions)
    steps.push_back(disk_.start(
      set_permissions{.path = path_, .permissions = *attributes.permissions}));
  auto seen = disk_.start(file_stat{.path = path_, .follow = false});
  attempt<void> res;
  for (const auto& step : steps)
    if (auto x = disk_access::output_of<done>(step); !x && res)
      res = finished(x);
  auto info = disk_access::output_of<file_info>(seen);
  if (!res)
    return res;
  if (!info)
    return tl::unexpected{std::move(info.error())};
  if (info->device != found_->device || info->inode != found_->inode
      || info->links != 1)
    return tl::unexpected{
      part_refusal(errc::busy, path_,
                   "another process has replaced or linked the part; run the "
                   "command again")};
  return {};
}

void part_file::discard() {
  for (; !writes_.empty(); writes_.pop_front())
    writes_.front().answer();
  if (is_made_ && disk_.run(file_delete{.path = path_}))
    confirmed_ = 0;
}

} // namespace spindle::tool
