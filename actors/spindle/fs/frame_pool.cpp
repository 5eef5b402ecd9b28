#include "spindle/fs/frame_pool.hpp"

#include <array>
#include <new>
#include <vector>

namespace spindle::fs {

namespace {

/// Frames are kept by size, in steps of this many bytes.
constexpr size_t step = 64;

/// Number of sizes; larger frames are not kept. At most `frames_kept` frames of
/// each size are kept.
constexpr size_t sizes = 64;
constexpr size_t frames_kept = 64;

class frame_pool {
public:
  ~frame_pool() {
    for (auto& frames : free_)
      for (auto* frame : frames)
        ::operator delete(frame);
  }

  void* take(size_t size) {
    auto steps = steps_of(size);
    if (steps >= sizes || free_[steps].empty())
      return ::operator new(steps* step);
    auto* res = free_[steps].back();
    free_[steps].pop_back();
    return res;
  }

  void put(void* frame, size_t size) noexcept {
    auto steps = steps_of(size);
    if (steps < sizes && free_[steps].size() < frames_kept) {
      try {
        free_[steps].push_back(frame);
        return;
      } catch (const std::bad_alloc&) {
        // The frame is freed instead.
      }
    }
    ::operator delete(frame);
  }

private:
  static size_t steps_of(size_t size) {
    return (size + step - 1) / step;
  }

  std::array<std::vector<void*>, sizes> free_;
};

frame_pool& pool() {
  thread_local frame_pool res;
  return res;
}

} // namespace

void* take_frame(size_t size) {
  return pool().take(size);
}

void return_frame(void* frame, size_t size) noexcept {
  pool().put(frame, size);
}

} // namespace spindle::fs
