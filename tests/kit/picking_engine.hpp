// An engine without threads that makes its calls in random order.
#pragma once

#include "spindle/fs/engine.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

namespace kit {

/// Makes one of its calls whenever somebody waits, so that calls are done in
/// any order. Deterministic.
class picking_engine final : public spindle::fs::engine {
public:
  /// Returns a number less than its argument.
  using picker = std::function<size_t(size_t)>;

  picking_engine(size_t depth, picker pick)
      : depth_(depth), pick_(std::move(pick)) {}

  spindle::fs::engine_kind kind() const noexcept override {
    return spindle::fs::engine_kind::threads;
  }

  size_t depth() const noexcept override {
    return depth_;
  }

  void start(spindle::fs::device_call& what) override {
    started_.push_back(&what);
    most_ = std::max(most_, started_.size());
  }

  void wait(std::vector<spindle::fs::device_call*>& done) override {
    if (started_.empty())
      return;
    auto next
      = started_.begin() + static_cast<ptrdiff_t>(pick_(started_.size()));
    (*next)->run();
    done.push_back(*next);
    started_.erase(next);
  }

  void poll(std::vector<spindle::fs::device_call*>& done) override {
    if (pick_(2) == 0)
      wait(done);
  }

  void interrupt() noexcept override {
    // Nobody waits for long.
  }

  /// Returns the greatest number of calls that were in flight at once.
  size_t most() const noexcept {
    return most_;
  }

  /// Returns how many calls are in flight.
  size_t in_flight() const noexcept {
    return started_.size();
  }

private:
  size_t depth_;
  picker pick_;
  std::vector<spindle::fs::device_call*> started_;
  size_t most_ = 0;
};

} // namespace kit
