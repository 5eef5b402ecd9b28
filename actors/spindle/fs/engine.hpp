// Who makes the calls that may wait for the device, so that many of them can
// wait together.
#pragma once

#include "spindle/export.hpp"
#include "spindle/ops/engine_kind.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

struct open_how;

namespace spindle::fs {

/// A read at an offset: pread(2). Only of regular files: io_uring(7) ignores
/// the offset for a pipe or socket, and waits for its data.
struct read_request {
  int descriptor = -1;
  uint64_t offset = 0;
  std::span<std::byte> into{};
};

/// A flush of a file or directory: fsync(2), or fdatasync(2) if `data_only`.
struct sync_request {
  int descriptor = -1;
  bool data_only = false;
};

/// An open: openat2(2). Not with O_EXCL, because it may be repeated if the
/// kernel has not made it.
struct open_request {
  int base = -1;
  /// Must live until the call is done, as `how`.
  const char* path = nullptr;
  const open_how* how = nullptr;
};

/// A system call that a kernel can make by itself, or none.
using kernel_request
  = std::variant<std::monostate, read_request, sync_request, open_request>;

/// A call that may wait for the device. It keeps its result, and must live
/// until it is done.
class device_call {
public:
  virtual ~device_call() = default;

  /// Makes the call in this thread. Blocks; any thread may call. An engine may
  /// also call this if it could not make the call that `describe` returned.
  virtual void run() noexcept = 0;

  /// Returns the system call that `run` would make, or none if only `run` can
  /// make it.
  virtual kernel_request describe() {
    return {};
  }

  /// Takes the result of the call that `describe` returned, made by somebody
  /// else: what the system call returns, or the negated errno.
  virtual void take_result(int) noexcept {
    // Nothing was described.
  }

  /// Takes the result of the call that stands for this one.
  virtual void follow() noexcept {
    // Nothing stands for this call.
  }

  // -- for those who start calls ----------------------------------------------

  /// Tells the starter whose call it is.
  uint64_t owner = 0;
  /// Next of the calls for which this one stands: they are done with it, but
  /// not started. Null if there is none.
  device_call* next = nullptr;
};

using spindle::engine_kind;

/// Makes device calls. All members but `interrupt` may be called by one thread
/// at a time. The destructor waits for all calls that were started. `wait` and
/// `poll` throw nothing but std::bad_alloc; then no call is lost, and the next
/// `wait` or `poll` returns it.
class SPINDLE_EXPORT engine {
public:
  virtual ~engine() = default;

  virtual engine_kind kind() const noexcept = 0;

  /// Returns how many calls it makes at once. More can be started.
  virtual size_t depth() const noexcept = 0;

  /// Starts a call. The engine may delay it until `wait` or `poll`, so that
  /// several calls start together. Throws nothing but std::bad_alloc; then the
  /// call was not started.
  virtual void start(device_call&) = 0;

  /// Appends the calls that are done. Waits until there is one, or until
  /// `interrupt` was called since the last `wait`. Returns at once if all calls
  /// that were started were returned.
  virtual void wait(std::vector<device_call*>& done) = 0;

  /// Appends the calls that are done; does not wait.
  virtual void poll(std::vector<device_call*>& done) = 0;

  /// Ends this or the next `wait`. Any thread may call.
  virtual void interrupt() noexcept = 0;
};

using engine_ptr = std::unique_ptr<engine>;

/// Makes an engine of a kind; null if the kernel, or a sandbox, does not allow
/// it.
/// @param depth how many calls it makes at once; at least 1.
SPINDLE_EXPORT engine_ptr make_engine(engine_kind kind, size_t depth);

} // namespace spindle::fs
