#include "spindle/queue/unexpected.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

namespace spindle {

namespace {

std::atomic<uint64_t> count = 0;

std::mutex observer_mutex;

/// Null if nobody observes.
std::shared_ptr<unexpected_observer> current;

} // namespace

void observe_unexpected(unexpected_observer observer) {
  std::shared_ptr<unexpected_observer> fresh;
  if (observer)
    fresh = std::make_shared<unexpected_observer>(std::move(observer));
  std::lock_guard guard{observer_mutex};
  current = std::move(fresh);
}

uint64_t unexpected_messages() {
  return count;
}

void note_unexpected(std::string_view actor) {
  ++count;
  std::shared_ptr<unexpected_observer> observer;
  {
    std::lock_guard guard{observer_mutex};
    observer = current;
  }
  if (observer)
    (*observer)(actor);
}

} // namespace spindle
