#include "part_file.hpp"

#include "chunks.hpp"
#include "file_text.hpp"

#include <utility>

namespace spindle::tool {

namespace {

tl::unexpected<failure> in_the_way(const std::string& path, file_type type) {
  return tl::unexpected{failure{.code = type == file_type::directory
                                        ? errc::is_a_directory
                                        : errc::invalid_argument,
                                .path = path,
                                .detail = no_file_text(type)}};
}

/// Forgets an answer that has nothing to say.
attempt<void> finished(const attempt<done>& step) {
  return step.map([](const done&) {});
}

} // namespace

part_file::part_file(disk_access& disk, std::string target)
    : disk_(disk), target_(std::move(target)), path_(target_ + ".part") {}

attempt<uint64_t> part_file::look() {
  auto there = disk_.run(file_stat{.path = target_, .follow = false});
  // A device, for instance, would become a file.
  if (there && there->type != file_type::file
      && there->type != file_type::symlink)
    return in_the_way(target_, there->type);
  auto part = disk_.run(file_stat{.path = path_, .follow = false});
  if (!part && part.error().code != errc::not_found)
    return tl::unexpected{part.error()};
  // A link could lead to a file of somebody else.
  if (part && part->type != file_type::file)
    return in_the_way(path_, part->type);
  exists_ = part.has_value();
  return part ? part->size : 0;
}

pending_answer part_file::checksum(uint64_t length) {
  return disk_.start(file_checksum{.path = path_, .length = length});
}

attempt<void> part_file::begin(uint64_t offset, uint32_t permissions) {
  offset_ = offset;
  auto mode = exists_ ? write_mode::truncate : write_mode::create_new;
  return finished(disk_.run(file_write{.path = path_,
                                       .mode = mode,
                                       .offset = offset,
                                       .permissions = permissions}));
}

attempt<void> part_file::write(buffer bytes) {
  auto size = bytes.size();
  writes_.push_back(disk_.start(file_write{.path = path_,
                                           .data = std::move(bytes),
                                           .mode = write_mode::update,
                                           .offset = offset_}));
  offset_ += size;
  return writes_.size() < chunk_window ? attempt<void>{} : finish_one();
}

attempt<void> part_file::flush() {
  while (!writes_.empty())
    if (auto written = finish_one(); !written)
      return written;
  return {};
}

attempt<void> part_file::sync() {
  return finished(disk_.run(file_sync{.path = path_}));
}

attempt<void> part_file::commit() {
  return finished(disk_.run(file_rename{.path = path_,
                                        .target = target_,
                                        .overwrite = true,
                                        .durability = durability::data}));
}

attempt<void> part_file::finish_one() {
  auto res = disk_access::output_of<done>(writes_.front());
  writes_.pop_front();
  return finished(res);
}

} // namespace spindle::tool
