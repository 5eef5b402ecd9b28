#include "spindle/fs/content.hpp"

#include "spindle/fs/slice.hpp"
#include "spindle/fs/transfer.hpp"
#include "spindle/fs/writeback.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <optional>

namespace spindle::fs {

namespace {

constexpr auto end_of_file = std::numeric_limits<uint64_t>::max();

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

class content_copier {
public:
  content_copier(file& from, file& to, const copy_options& how)
      : from_(from), to_(to), progress_(how.progress), rests_(how.rests) {
    if (how.sync || how.replaces)
      writeback_.emplace(0);
  }

  /// Copies what is data in the first `size` bytes.
  /// @returns whether the file has all of them.
  task<copied<bool>> copy_data(uint64_t size) {
    uint64_t at = 0;
    while (at < size) {
      auto part = next_data(from_, at, size);
      if (!part)
        co_return tl::unexpected{part.error()};
      progress_.add_bytes(part->begin - at);
      if (part->empty())
        co_return add_hole(from_, to_, size).map([] { return true; });
      auto end = co_await copy_part(*part);
      if (!end)
        co_return tl::unexpected{end.error()};
      at = *end;
      if (at < part->end)
        co_return false;
    }
    co_return true;
  }

  /// Copies through this process.
  /// @returns where it ended: before the end of the part if the file is
  ///          shorter.
  task<copied<uint64_t>> copy_blocks(data_extent part) {
    return copy_pieces(part, &content_copier::copy_block);
  }

private:
  /// Copies bytes at an offset, at most as many as it is told.
  /// @returns how many; 0 if it can copy none there.
  using piece_copier
    = copied<uint64_t> (content_copier::*)(uint64_t at, uint64_t most);

  task<copied<uint64_t>> copy_part(data_extent part) {
    auto at = co_await copy_pieces(part, &content_copier::copy_inside);
    if (!at)
      co_return at;
    data_extent left{*at, part.end};
    co_return co_await copy_blocks(left);
  }

  /// Copies a range piece by piece, as far as that goes.
  /// @returns where it ended.
  task<copied<uint64_t>> copy_pieces(data_extent part, piece_copier copy) {
    auto at = part.begin;
    while (at < part.end) {
      auto n = (this->*copy)(at, part.end - at);
      if (!n)
        co_return tl::unexpected{n.error()};
      if (*n == 0)
        break;
      at += *n;
      if (auto noted = note(*n, at); !noted)
        co_return tl::unexpected{noted.error()};
      if (auto rested = co_await rests_.rest(); !rested)
        co_return at_target(rested.error());
    }
    co_return at;
  }

  /// Copies through this process; 0 at the end of the file.
  copied<uint64_t> copy_block(uint64_t at, uint64_t most) {
    auto block = scratch_block();
    block = block.first(std::min<uint64_t>(block.size(), most));
    auto n = from_.read_at(at, block);
    if (!n)
      return at_source(n.error());
    // Files do not make anybody wait.
    auto put = write_all(to_, block.first(*n), at, steady_time::max());
    if (put.sys_errno != 0)
      return at_target(put.sys_errno);
    return *n;
  }

  /// Copies within the system; 0 where that is not possible. Some files, as
  /// those of procfs, say that they end where they do not.
  copied<uint64_t> copy_inside(uint64_t at, uint64_t most) {
    auto n = to_.copy_from(from_, at, at, std::min(most, piece_bytes));
    if (!n && is_final(n.error()))
      return at_target(n.error());
    return n.value_or(0);
  }

  /// Notes that `count` bytes before the offset `end` are copied.
  copied<void> note(uint64_t count, uint64_t end) {
    progress_.add_bytes(count);
    if (writeback_)
      if (auto started = writeback_->advance(to_, end); !started)
        return at_target(started.error());
    return {};
  }

  file& from_;
  file& to_;
  progress_sink progress_;
  slices rests_;
  /// Set if the copy will be flushed when it is complete.
  std::optional<early_writeback> writeback_;
};

} // namespace

task<copied<void>> copy_content(file& from, file& to, uint64_t size,
                                const copy_options& how) {
  auto cloned = to.clone_from(from);
  if (cloned) {
    how.progress.add_bytes(size);
    co_return {};
  }
  if (is_final(cloned.error()))
    co_return at_target(cloned.error());
  content_copier copier{from, to, how};
  auto whole = co_await copier.copy_data(size);
  if (!whole)
    co_return tl::unexpected{whole.error()};
  if (!*whole)
    co_return {};
  data_extent grown{size, end_of_file};
  auto more = co_await copier.copy_blocks(grown);
  co_return more.map([](uint64_t) {});
}

} // namespace spindle::fs
