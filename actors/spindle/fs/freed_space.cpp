#include "spindle/fs/freed_space.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace spindle::fs {

namespace {

/// Allocated bytes that one step frees. That takes 1 to 3 ms on ext4.
constexpr uint64_t step_bytes = uint64_t{8} << 20;

/// Steps end at multiples of this size: if one ended inside of a block, the
/// file system would have to overwrite the rest of the block.
constexpr uint64_t unit = uint64_t{1} << 20;

/// How long the thread that has the turn waits before others may have it.
constexpr auto brief = std::chrono::milliseconds{1};

} // namespace

held_ptr try_hold(vfs& disk, const directory& base, const std::string& path) {
  return disk.hold(base, path).value_or(nullptr);
}

bool space_wait::wait(held_file* what) {
  return !what || what->wait_free(brief) || ++waits_ >= max_waits;
}

task<done> until_free(held_ptr what, slices rests) {
  space_wait space;
  while (!space.wait(what.get()))
    if (auto rested = co_await rests.rest(); !rested)
      break;
  co_return done{};
}

namespace {

task<attempt<done>> wait_and_return(held_ptr what, slices rests,
                                    attempt<done> res) {
  co_await until_free(std::move(what), rests);
  co_return res;
}

} // namespace

value_or_task<attempt<done>> when_free(held_ptr what, slices rests,
                                       attempt<done> res) {
  if (!what)
    return res;
  return wait_and_return(std::move(what), rests, std::move(res));
}

// -- shrinking ----------------------------------------------------------------

shrinking::shrinking(const file_info& from, uint64_t size)
    : begin_(std::max(from.size, size)),
      size_(size),
      at_(begin_),
      // Holes cost nothing, so steps are longer if there are more.
      length_(is_large(from) ? from.size / (from.allocated / step_bytes)
                             : at_ - size) {
  length_ = std::max(length_ / unit, uint64_t{1}) * unit;
}

result<bool> shrinking::step(file& what) {
  auto next = size_;
  if (at_ - size_ > length_)
    next = std::max((at_ - length_) / unit * unit, size_);
  return cut(what, next).map([&] { return at_ == size_; });
}

result<void> shrinking::finish(file& what) {
  return at_ == size_ ? result<void>{} : cut(what, size_);
}

result<void> shrinking::cut(file& what, uint64_t size) {
  auto res = what.truncate(size);
  if (res)
    at_ = size;
  return res;
}

std::string shrinking::extent() const {
  if (at_ == begin_)
    return {};
  return "the file was truncated from " + std::to_string(begin_) + " to "
       + std::to_string(at_) + " bytes";
}

} // namespace spindle::fs
