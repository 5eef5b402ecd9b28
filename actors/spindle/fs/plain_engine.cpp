#include "spindle/fs/plain_engine.hpp"

namespace spindle::fs {

void plain_engine::start(device_call& call) {
  // Without memory, the call must not be made.
  done_.push_back(&call);
  call.run();
}

void plain_engine::wait(std::vector<device_call*>& done) {
  poll(done);
}

void plain_engine::poll(std::vector<device_call*>& done) {
  done.insert(done.end(), done_.begin(), done_.end());
  done_.clear();
}

} // namespace spindle::fs
