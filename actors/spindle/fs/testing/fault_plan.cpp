#include "spindle/fs/testing/fault_plan.hpp"

#include <algorithm>
#include <utility>

namespace spindle::fs {

namespace {

constexpr size_t index_of(call_kind kind) {
  return static_cast<size_t>(kind);
}

} // namespace

std::string to_string(call_kind kind) {
  static constexpr std::array<const char*, call_kind_count> names{
    "open",
    "open_directory",
    "stat",
    "make_directory",
    "remove_file",
    "remove_directory",
    "hold",
    "rename",
    "make_link",
    "make_hard_link",
    "read_link",
    "open_link",
    "set_permissions",
    "set_times",
    "set_owner",
    "read_attribute",
    "set_attribute",
    "disk_space",
    "read",
    "write",
    "wait",
    "copy",
    "clone",
    "find_data",
    "punch_hole",
    "start_writeback",
    "truncate",
    "sync",
    "close",
    "list",
    "sync_directory",
  };
  return names.at(index_of(kind));
}

// -- faults -------------------------------------------------------------------

void fault_plan::fail(call_kind kind, size_t nth, int sys_errno) {
  std::lock_guard guard{mutex_};
  auto number = calls_by_kind_[index_of(kind)] + nth;
  single_.push_back({kind, number, sys_errno});
}

void fault_plan::fail_any(size_t nth, int sys_errno) {
  std::lock_guard guard{mutex_};
  single_.push_back({std::nullopt, calls_ + nth, sys_errno});
}

void fault_plan::fail_all(call_kind kind, int sys_errno) {
  std::lock_guard guard{mutex_};
  all_[index_of(kind)] = sys_errno;
}

void fault_plan::limit_transfers(size_t bytes) {
  std::lock_guard guard{mutex_};
  limit_ = std::max<size_t>(bytes, 1);
}

void fault_plan::clear() {
  std::lock_guard guard{mutex_};
  single_.clear();
  all_ = {};
  limit_ = SIZE_MAX;
}

// -- observation --------------------------------------------------------------

size_t fault_plan::calls(call_kind kind) const {
  std::lock_guard guard{mutex_};
  return calls_by_kind_[index_of(kind)];
}

size_t fault_plan::calls() const {
  std::lock_guard guard{mutex_};
  return calls_;
}

void fault_plan::observe(observer function) {
  std::lock_guard guard{mutex_};
  observer_ = std::move(function);
}

// -- for those that make the calls --------------------------------------------

std::optional<int> fault_plan::begin_call(call_kind kind,
                                          const std::string& path) {
  std::unique_lock guard{mutex_};
  ++calls_;
  ++calls_by_kind_[index_of(kind)];
  auto sys_errno = take_fault(kind);
  auto observer = observer_;
  guard.unlock();
  if (observer)
    observer(kind, path);
  return sys_errno;
}

size_t fault_plan::limited(size_t bytes) const {
  std::lock_guard guard{mutex_};
  return std::min(bytes, limit_);
}

std::optional<int> fault_plan::take_fault(call_kind kind) {
  auto due = std::find_if(single_.begin(), single_.end(), [&](auto& one) {
    return one.kind
           ? *one.kind == kind && one.number == calls_by_kind_[index_of(kind)]
           : one.number == calls_;
  });
  if (due == single_.end())
    return all_[index_of(kind)];
  auto sys_errno = due->sys_errno;
  single_.erase(due);
  return sys_errno;
}

} // namespace spindle::fs
