// A disk that blocks in the middle of an operation until the test releases it.
#pragma once

#include "spindle/fs/testing/faulty_vfs.hpp"

#include <future>
#include <memory>
#include <utility>

namespace kit {

/// A file system on top of another one; one call blocks until `release`.
class held_disk {
public:
  /// @param nth which call of this kind blocks, from 1.
  held_disk(spindle::fs::vfs_ptr behind, spindle::fs::call_kind kind,
            size_t nth)
      : disk_(std::make_shared<spindle::fs::faulty_vfs>(std::move(behind))) {
    disk_->plan().observe(
      [this, kind, nth, gone = released_.get_future().share()](
        spindle::fs::call_kind called, const std::string&) {
        if (called == kind && ++count_ == nth) {
          reached_.set_value();
          gone.wait();
        }
      });
  }

  spindle::fs::vfs_ptr disk() const {
    return disk_;
  }

  /// Waits until that call is reached.
  void wait() {
    reached_.get_future().wait();
  }

  /// Lets that call continue.
  void release() {
    released_.set_value();
  }

private:
  std::promise<void> reached_;
  std::promise<void> released_;
  /// Needs no lock: only the disk actor with the turn calls.
  size_t count_ = 0;
  std::shared_ptr<spindle::fs::faulty_vfs> disk_;
};

} // namespace kit
