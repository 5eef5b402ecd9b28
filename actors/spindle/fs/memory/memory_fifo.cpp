#include "spindle/fs/memory/memory_fifo.hpp"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace spindle::fs {

memory_fifo::memory_fifo(size_t capacity) : capacity_(capacity) {}

// -- ends ---------------------------------------------------------------------

uint64_t memory_fifo::open_reader() {
  std::lock_guard guard{mutex_};
  ++readers_;
  changed_.notify_all();
  return writers_ == 0 ? writers_ever_ : UINT64_MAX;
}

void memory_fifo::close_reader() {
  std::lock_guard guard{mutex_};
  --readers_;
  forget_if_unused();
  changed_.notify_all();
}

void memory_fifo::open_writer() {
  std::lock_guard guard{mutex_};
  ++writers_;
  ++writers_ever_;
  changed_.notify_all();
}

result<void> memory_fifo::try_open_writer() {
  std::lock_guard guard{mutex_};
  if (readers_ == 0)
    return fail(ENXIO);
  ++writers_;
  ++writers_ever_;
  changed_.notify_all();
  return {};
}

void memory_fifo::close_writer() {
  std::lock_guard guard{mutex_};
  --writers_;
  forget_if_unused();
  changed_.notify_all();
}

// -- transfers ----------------------------------------------------------------

result<size_t> memory_fifo::read(std::span<std::byte> into) {
  std::lock_guard guard{mutex_};
  auto size = std::min(into.size(), content_.size());
  if (size > 0) {
    std::memcpy(into.data(), content_.data(), size);
    content_.erase(0, size);
    changed_.notify_all();
  } else if (!into.empty() && writers_ > 0) {
    return fail(EAGAIN);
  }
  return size;
}

result<size_t> memory_fifo::write(std::span<const std::byte> from) {
  std::lock_guard guard{mutex_};
  if (from.empty())
    return 0;
  if (readers_ == 0)
    return fail(EPIPE);
  auto size = room_for(from.size());
  if (size == 0)
    return fail(EAGAIN);
  content_.append(reinterpret_cast<const char*>(from.data()), size);
  changed_.notify_all();
  return size;
}

bool memory_fifo::wait_ready(bool for_write, uint64_t reader,
                             steady_time until) {
  auto ready = [&] {
    if (for_write)
      return readers_ == 0 || room_for(std::min<size_t>(PIPE_BUF, capacity_));
    return !content_.empty() || (writers_ == 0 && reader != writers_ever_);
  };
  std::unique_lock guard{mutex_};
  return changed_.wait_until(guard, until, ready);
}

// -- convenience for tests ----------------------------------------------------

std::string memory_fifo::take(size_t max_bytes) {
  std::lock_guard guard{mutex_};
  auto taken = content_.substr(0, max_bytes);
  content_.erase(0, taken.size());
  changed_.notify_all();
  return taken;
}

size_t memory_fifo::put(std::string_view text) {
  std::lock_guard guard{mutex_};
  auto size = std::min(text.size(), capacity_ - content_.size());
  content_.append(text.substr(0, size));
  changed_.notify_all();
  return size;
}

// -- utility ------------------------------------------------------------------

size_t memory_fifo::room_for(size_t bytes) const {
  auto room = capacity_ - content_.size();
  auto whole = bytes <= PIPE_BUF && bytes <= capacity_;
  if (whole && room < bytes)
    return 0;
  return std::min(room, bytes);
}

void memory_fifo::forget_if_unused() {
  if (readers_ == 0 && writers_ == 0)
    content_.clear();
}

} // namespace spindle::fs
