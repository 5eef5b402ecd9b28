// Makes calls one after the other, in the thread that starts them.
#pragma once

#include "spindle/fs/engine.hpp"

#include <cstddef>
#include <vector>

namespace spindle::fs {

/// Makes each call in `start`, so that `wait` never waits.
class plain_engine final : public engine {
public:
  engine_kind kind() const noexcept override {
    return engine_kind::plain;
  }

  size_t depth() const noexcept override {
    return 1;
  }

  void start(device_call& call) override;

  void wait(std::vector<device_call*>& done) override;

  void poll(std::vector<device_call*>& done) override;

  void interrupt() noexcept override {
    // Nobody waits.
  }

private:
  /// Calls that were not returned yet.
  std::vector<device_call*> done_;
};

} // namespace spindle::fs
