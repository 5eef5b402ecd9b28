#include "spindle/fs/transfer.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <limits>
#include <memory>

namespace spindle::fs {

namespace {

bool is_past(steady_time until) {
  return std::chrono::steady_clock::now() >= until;
}

/// Only what may never come to an end has to be in time.
result<bool> is_overdue(file& what, steady_time until) {
  if (!is_past(until))
    return false;
  auto info = what.stat();
  if (!info)
    return fail(info.error());
  return info->type == file_type::fifo || info->type == file_type::socket;
}

/// EAGAIN if `until` came first.
result<void> wait(file& what, bool for_write, steady_time until) {
  auto ready = what.wait_ready(for_write, until);
  if (!ready)
    return fail(ready.error());
  if (!*ready || is_past(until))
    return fail(EAGAIN);
  return {};
}

} // namespace

// -- writing ------------------------------------------------------------------

bool is_final(int sys_errno) {
  return sys_errno == EIO || sys_errno == ENOSPC || sys_errno == EDQUOT
      || sys_errno == EFBIG;
}

namespace {

/// Writes once, or waits until that is possible; 0 bytes if it had to wait.
result<size_t> write_some(file& to, std::span<const std::byte> from,
                          uint64_t offset, uint64_t done, steady_time until) {
  auto rest = from.subspan(done);
  auto put = offset == 0 ? to.write(rest) : to.write_at(offset + done, rest);
  if (put && *put == 0)
    // A device that takes nothing and says that all is well would keep us here.
    return fail(EIO);
  if (put || put.error() != EAGAIN)
    return put;
  if (auto waited = wait(to, true, until); !waited)
    return fail(waited.error());
  return 0;
}

} // namespace

progress write_all(file& to, std::span<const std::byte> from, uint64_t offset,
                   steady_time until) {
  auto res = progress{};
  while (res.bytes < from.size()) {
    auto put = write_some(to, from, offset, res.bytes, until);
    if (!put)
      return {res.bytes, put.error()};
    res.bytes += *put;
    if (res.bytes == from.size())
      break;
    if (auto overdue = is_overdue(to, until); !overdue || *overdue)
      return {res.bytes, overdue ? EAGAIN : overdue.error()};
  }
  return res;
}

// -- reading block by block ---------------------------------------------------

result<size_t> block_reader::fill(std::span<std::byte> into) {
  size_t filled = 0;
  while (filled < into.size() && !ended_) {
    auto overdue = done_ == 0 ? false : is_overdue(from_, until_);
    if (!overdue || *overdue)
      return fail(overdue ? EAGAIN : overdue.error());
    auto got = read_some(into.subspan(filled));
    if (!got && got.error() == would_wait && filled > 0)
      return filled;
    if (!got)
      return got;
    filled += *got;
    done_ += *got;
  }
  return filled;
}

result<size_t> block_reader::take(result<size_t> got) {
  if (!got)
    return got;
  ended_ = *got == 0;
  done_ += *got;
  return got;
}

result<size_t> block_reader::read_some(std::span<std::byte> into) {
  if (cached_) {
    auto got = from_.read_cached(offset_ + done_, into);
    has_offsets_ |= got || got.error() == would_wait;
    if (has_offsets_ && got && *got == 0)
      ended_ = true;
    if (has_offsets_)
      return got;
    cached_ = false;
  }
  auto got = offset_ == 0 && !has_offsets_
             ? from_.read(into)
             : from_.read_at(offset_ + done_, into);
  if (got && *got == 0) {
    auto at_end = is_at_end();
    if (!at_end)
      return fail(at_end.error());
    ended_ = *at_end;
    return 0;
  }
  if (got || got.error() != EAGAIN)
    return got;
  if (auto waited = wait(from_, false, until_); !waited)
    return fail(waited.error());
  return 0;
}

result<bool> block_reader::is_at_end() {
  if (done_ > 0)
    return true;
  auto info = from_.stat();
  if (!info)
    return fail(info.error());
  if (info->type != file_type::fifo || opened_by_writer_)
    return true;
  if (auto waited = wait(from_, false, until_); !waited)
    return fail(waited.error());
  // Now it gives bytes, or has been closed again.
  opened_by_writer_ = true;
  return false;
}

// -- reading everything -------------------------------------------------------

std::span<std::byte> scratch_block() {
  thread_local std::array<std::byte, 64 * 1024> block;
  return block;
}

namespace {

/// Reads nothing, and fails where nothing can be read.
result<buffer> read_nothing(file& from) {
  auto info = from.stat();
  if (!info)
    return fail(info.error());
  if (info->type == file_type::directory)
    return fail(EISDIR);
  return buffer{};
}

} // namespace

content_reader::content_reader(file& from, uint64_t offset,
                               std::optional<uint64_t> length, uint64_t bound,
                               steady_time until)
    : from_(from),
      source_(from, offset, until),
      offset_(offset),
      want_(length.value_or(std::numeric_limits<uint64_t>::max())),
      bound_(bound),
      most_(want_ <= bound ? want_ : bound + 1) {}

result<std::optional<buffer>> content_reader::first(bool cached) {
  if (want_ == 0)
    return read_nothing(from_);
  if (cached)
    source_.avoid_waiting();
  auto block = scratch_block();
  if (want_ <= std::min<uint64_t>(block.size(), bound_))
    return read_few();
  block = block.first(std::min<uint64_t>(block.size(), most_));
  auto got = source_.fill(block);
  source_.allow_waiting();
  is_cold_ = cached
          && (got ? *got < block.size() && !source_.ended()
                  : got.error() == would_wait);
  if (is_cold_)
    return std::nullopt;
  if (!got)
    return fail(got.error());
  if (source_.ended() || *got == most_)
    return within_bound(buffer::copy_of(block.first(*got)));
  return std::nullopt;
}

task<result<buffer>> content_reader::rest(slices rests) {
  // Copied before the first rest: the block belongs to the thread.
  growing_memory memory{scratch_block().first(source_.bytes())};
  auto info = from_.stat();
  if (!info)
    co_return fail(info.error());
  auto expected = info->type == file_type::file && info->size > offset_
                  ? info->size - offset_
                  : 0;
  if (std::min(expected, want_) > bound_)
    co_return fail(EFBIG);
  if (expected > memory.size())
    memory.reserve(std::min(expected, most_));
  while (memory.size() < most_ && !source_.ended()) {
    if (auto got = co_await read_piece(memory, rests); !got)
      co_return fail(got.error());
    if (auto rested = co_await rests.rest(); !rested)
      co_return fail(rested.error());
  }
  co_return within_bound(std::move(memory).take());
}

task<result<void>> content_reader::read_piece(growing_memory& memory,
                                              slices rests) {
  auto left = std::min(most_ - memory.size(), piece_bytes);
  auto room = memory.room();
  if (room.empty()) {
    // The file grew, or does not say how large it is: more memory only for what
    // is really there.
    auto block = scratch_block();
    block = block.first(std::min<uint64_t>(block.size(), left));
    auto got = source_.fill(block);
    if (!got)
      co_return fail(got.error());
    memory.append(block.first(*got));
    co_return {};
  }
  room = room.first(std::min<uint64_t>(room.size(), left));
  result<size_t> got;
  if (is_cold_) {
    auto call = source_.next_call(room);
    if (auto awaited = co_await rests.call(call); !awaited)
      co_return fail(awaited.error());
    got = source_.take(call.take());
  } else {
    got = source_.fill(room);
  }
  if (!got)
    co_return fail(got.error());
  memory.grow_by(*got);
  co_return {};
}

result<std::optional<buffer>> content_reader::read_few() {
  auto memory = buffer::allocate(want_);
  auto got = source_.fill({memory.get(), want_});
  auto is_whole = got && (*got == want_ || source_.ended());
  source_.allow_waiting();
  if (!is_whole && (got || got.error() == would_wait)) {
    is_cold_ = true;
    // There, `rest` looks for what was read.
    std::memcpy(scratch_block().data(), memory.get(), source_.bytes());
    return std::nullopt;
  }
  if (!got)
    return fail(got.error());
  // The file may be much shorter.
  if (*got <= want_ / 2)
    return buffer::copy_of({memory.get(), *got});
  return buffer{std::move(memory), *got};
}

result<buffer> content_reader::within_bound(buffer res) const {
  if (res.size() > bound_)
    return fail(EFBIG);
  return res;
}

} // namespace spindle::fs
