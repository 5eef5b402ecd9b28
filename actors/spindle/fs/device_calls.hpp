// Calls of a vfs that may wait for the device, as an engine makes them.
#pragma once

#include "spindle/fs/engine.hpp"
#include "spindle/fs/vfs.hpp"

#include <cstddef>
#include <cstdint>
#include <exception>
#include <span>
#include <string>
#include <utility>

namespace spindle::fs {

/// A call that keeps what it returns, or the exception that it throws.
template <class T>
class call_with_result : public device_call {
public:
  void run() noexcept final {
    keep_made([this] { return make(); });
  }

  /// Returns the result; rethrows an exception. Only when done.
  result<T> take() {
    if (thrown_)
      std::rethrow_exception(thrown_);
    return std::move(result_);
  }

protected:
  /// Makes the call. Blocks.
  virtual result<T> make() = 0;

  /// Keeps what `fun` returns or throws.
  template <class Fun>
  void keep_made(Fun fun) noexcept {
    try {
      result_ = fun();
    } catch (...) {
      thrown_ = std::current_exception();
    }
  }

  void keep(result<T> x) noexcept {
    result_ = std::move(x);
  }

  void keep_same(const call_with_result& other) noexcept {
    result_ = other.result_;
    thrown_ = other.thrown_;
  }

private:
  result<T> result_ = fail(EINPROGRESS);
  std::exception_ptr thrown_;
};

/// Opens a file for reading. Keeps references to its arguments.
class open_call : public call_with_result<file_ptr> {
public:
  open_call(vfs& disk, const directory& base, const std::string& path)
      : disk_(disk), base_(base), path_(path) {}

private:
  result<file_ptr> make() override {
    return disk_.open(base_, path_, {});
  }

  vfs& disk_;
  const directory& base_;

protected:
  const std::string& path_;
};

/// Reads from a file at an offset.
class read_call final : public call_with_result<size_t> {
public:
  read_call(file& from, uint64_t offset, std::span<std::byte> into)
      : from_(from), offset_(offset), into_(into) {}

  kernel_request describe() override {
    auto descriptor = from_.plain_descriptor();
    if (descriptor == -1)
      return {};
    return read_request{descriptor, offset_, into_};
  }

  void take_result(int outcome) noexcept override {
    keep(outcome < 0 ? result<size_t>{fail(-outcome)}
                     : result<size_t>{static_cast<size_t>(outcome)});
  }

private:
  result<size_t> make() override {
    return from_.read_at(offset_, into_);
  }

  file& from_;
  uint64_t offset_;
  std::span<std::byte> into_;
};

/// Brings a file or directory to the device.
class sync_call : public call_with_result<void> {
public:
  /// A file. Does not own it.
  sync_call(file& what, sync_mode mode) : file_(&what), mode_(mode) {}

  /// A directory. Does not own it.
  explicit sync_call(directory& what)
      : directory_(&what), mode_(sync_mode::full) {}

  sync_mode mode() const noexcept {
    return mode_;
  }

  /// Returns the metadata of what is synced.
  result<file_info> stat() {
    return file_ ? file_->stat() : directory_->stat();
  }

  /// Returns `open_object::opening_order` of what is synced.
  uint64_t opening_order() const noexcept {
    return file_ ? file_->opening_order() : directory_->opening_order();
  }

  /// Makes it stand for another sync of the same file, too: it brings as much
  /// to the device as both would.
  void stand_for(sync_call& other) noexcept {
    if (other.mode_ == sync_mode::full)
      mode_ = sync_mode::full;
    other.leader_ = this;
    other.next = std::exchange(next, &other);
  }

  void follow() noexcept override {
    keep_same(*leader_);
  }

  kernel_request describe() override {
    auto descriptor
      = file_ ? file_->plain_descriptor() : directory_->plain_descriptor();
    if (descriptor == -1)
      return {};
    return sync_request{descriptor, mode_ == sync_mode::data};
  }

  void take_result(int outcome) noexcept override {
    keep(outcome < 0 ? result<void>{fail(-outcome)} : result<void>{});
  }

private:
  result<void> make() override {
    return file_ ? file_->sync(mode_) : directory_->sync();
  }

  file* file_ = nullptr;
  directory* directory_ = nullptr;
  sync_mode mode_;
  sync_call* leader_ = nullptr;
};

} // namespace spindle::fs
