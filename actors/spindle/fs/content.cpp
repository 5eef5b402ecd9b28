#include "spindle/fs/content.hpp"

#include "spindle/fs/transfer.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>

namespace spindle::fs {

namespace {

constexpr auto end_of_file = std::numeric_limits<uint64_t>::max();

/// As much as is copied before others may be served.
constexpr uint64_t piece_bytes = uint64_t{1} << 20;

/// Whether a copy failed for good. All other errors mean that the file systems
/// or a sandbox do not allow to share blocks or to copy within the system; if
/// there is more to it, reading and writing will tell.
bool is_final(int sys_errno) {
  return sys_errno == EIO || sys_errno == ENOSPC || sys_errno == EDQUOT
      || sys_errno == EFBIG;
}

/// Copies within the system, as far as that goes.
/// @returns where it ended.
task<copied<uint64_t>> copy_inside(file& from, file& to, data_extent part,
                                   progress_sink progress, slices rests) {
  auto at = part.begin;
  while (at < part.end) {
    auto most = std::min(part.end - at, piece_bytes);
    auto n = to.copy_from(from, at, at, most);
    if (!n && is_final(n.error()))
      co_return at_target(n.error());
    // Some files, as those of procfs, say that they end where they do not.
    if (!n || *n == 0)
      break;
    at += *n;
    progress.add_bytes(*n);
    if (auto rested = co_await rests.rest(); !rested)
      co_return at_target(rested.error());
  }
  co_return at;
}

/// Copies through this process.
/// @returns where it ended: before the end of the part if the file is shorter.
task<copied<uint64_t>> copy_blocks(file& from, file& to, data_extent part,
                                   progress_sink progress, slices rests) {
  auto at = part.begin;
  while (at < part.end) {
    auto block = scratch_block();
    block = block.first(std::min<uint64_t>(block.size(), part.end - at));
    auto n = from.read_at(at, block);
    if (!n)
      co_return at_source(n.error());
    if (*n == 0)
      break;
    // Files do not make anybody wait.
    auto put = write_all(to, block.first(*n), at, steady_time::max());
    if (put.sys_errno != 0)
      co_return at_target(put.sys_errno);
    at += *n;
    progress.add_bytes(*n);
    if (auto rested = co_await rests.rest(); !rested)
      co_return at_target(rested.error());
  }
  co_return at;
}

task<copied<uint64_t>> copy_part(file& from, file& to, data_extent part,
                                 progress_sink progress, slices rests) {
  auto at = co_await copy_inside(from, to, part, progress, rests);
  if (!at)
    co_return at;
  data_extent left{*at, part.end};
  co_return co_await copy_blocks(from, to, left, progress, rests);
}

/// Returns the next data before `end`; where holes cannot be told from data,
/// all that is left.
copied<data_extent> next_data(file& from, uint64_t offset, uint64_t end) {
  auto data = from.find_data(offset);
  if (!data && data.error() == EIO)
    return at_source(data.error());
  if (!data)
    return data_extent{offset, end};
  if (data->empty() || data->begin >= end)
    return data_extent{end, end};
  return data_extent{data->begin, std::min(data->end, end)};
}

/// Lets the copy end with a hole if the source does.
copied<void> add_hole(file& from, file& to, uint64_t end) {
  auto now = from.stat();
  if (!now)
    return at_source(now.error());
  if (auto grown = to.truncate(std::min(end, now->size)); !grown)
    return at_target(grown.error());
  return {};
}

/// Copies what is data in the first `size` bytes.
/// @returns whether the file has all of them.
task<copied<bool>> copy_data(file& from, file& to, uint64_t size,
                             progress_sink progress, slices rests) {
  uint64_t at = 0;
  while (at < size) {
    auto part = next_data(from, at, size);
    if (!part)
      co_return tl::unexpected{part.error()};
    progress.add_bytes(part->begin - at);
    if (part->empty())
      co_return add_hole(from, to, size).map([] { return true; });
    auto end = co_await copy_part(from, to, *part, progress, rests);
    if (!end)
      co_return tl::unexpected{end.error()};
    at = *end;
    if (at < part->end)
      co_return false;
  }
  co_return true;
}

} // namespace

task<copied<void>> copy_content(file& from, file& to, uint64_t size,
                                progress_sink progress, slices rests) {
  auto cloned = to.clone_from(from);
  if (cloned) {
    progress.add_bytes(size);
    co_return {};
  }
  if (is_final(cloned.error()))
    co_return at_target(cloned.error());
  auto whole = co_await copy_data(from, to, size, progress, rests);
  if (!whole)
    co_return tl::unexpected{whole.error()};
  if (!*whole)
    co_return {};
  data_extent grown{size, end_of_file};
  auto more = co_await copy_blocks(from, to, grown, progress, rests);
  co_return more.map([](uint64_t) {});
}

} // namespace spindle::fs
