#include "spindle/queue/engines.hpp"

#include "spindle/fs/vfs.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace spindle {

namespace {

// Programs print their own name before it.
constexpr const char* no_ring
  = "the setting engine is \"ring\", but the system does not allow io_uring: "
    "allow it (sysctl kernel.io_uring_disabled=0, and io_uring_setup, "
    "io_uring_enter and io_uring_register in the sandbox), or set engine to "
    "\"auto\", which uses threads then";

/// Returns whether each operation waits by itself.
bool is_plain(const settings& x) {
  return x.engine == engine_choice::plain || x.depth <= 1
      || !x.disk->may_wait();
}

} // namespace

engine_supply::engine_supply(const settings& bounds, engine_maker make)
    : make_(std::move(make)) {
  if (is_plain(bounds))
    return;
  auto choice = bounds.engine;
  if (choice != engine_choice::threads
      && prepare(engine_kind::ring, bounds.depth))
    return;
  if (choice == engine_choice::ring)
    throw std::invalid_argument{no_ring};
  prepare(engine_kind::threads, choice == engine_choice::automatic
                                  ? std::min(bounds.depth, automatic_threads)
                                  : bounds.depth);
}

std::shared_ptr<fs::engine> engine_supply::take() {
  if (terms_.kind == engine_kind::plain)
    return nullptr;
  if (!ready_.empty()) {
    std::shared_ptr<fs::engine> res = std::move(ready_.back());
    ready_.pop_back();
    return res;
  }
  if (auto res = make_(terms_.kind, terms_.depth))
    return res;
  return make_(engine_kind::threads, std::min(terms_.depth, automatic_threads));
}

bool engine_supply::prepare(engine_kind kind, size_t depth) {
  std::vector<fs::engine_ptr> made;
  for (int i = 0; i < 2; ++i) {
    made.push_back(make_(kind, depth));
    if (!made.back())
      return false;
  }
  ready_ = std::move(made);
  terms_ = {kind, depth};
  return true;
}

} // namespace spindle
