// Makes the failures of steps of an operation. They are complete except for the
// name of the operation.
#pragma once

#include "spindle/fs/vfs.hpp"
#include "spindle/ops/answers.hpp"
#include "spindle/ops/attempt.hpp"

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

namespace spindle::fs {

/// Makes a failure from an errno(3).
inline tl::unexpected<failure> failed(int sys_errno, std::string path,
                                      std::string detail = {},
                                      uint64_t done = 0) {
  return tl::unexpected<failure>{failure{.code = errc_of(sys_errno),
                                         .operation = {},
                                         .path = std::move(path),
                                         .sys_errno = sys_errno,
                                         .detail = std::move(detail),
                                         .done = done,
                                         .entries = {}}};
}

/// How much an operation has written, for its failures.
struct written {
  uint64_t bytes = 0;
  /// A clause that says it; may be empty.
  std::string text{};
};

/// Makes a failure without an errno(3).
inline tl::unexpected<failure> refused(errc code, std::string path,
                                       std::string detail) {
  auto res = failed(0, std::move(path), std::move(detail));
  res.value().code = code;
  return res;
}

/// Makes the failure of reading a pipe, FIFO or socket that did not reach its
/// end before the timeout, after `bytes` bytes.
inline tl::unexpected<failure> cut_off(std::string path, uint64_t bytes) {
  if (bytes == 0)
    return failed(EAGAIN, std::move(path),
                  "no data arrived before the timeout");
  auto res
    = refused(errc::timed_out, std::move(path),
              "the end of the data did not arrive before the timeout; "
                + std::to_string(bytes) + " bytes were read and are lost");
  res.value().done = bytes;
  return res;
}

/// Makes a failure from the error of `vfs::check_start`.
inline tl::unexpected<failure> root_moved(int sys_errno, std::string path) {
  return failed(
    sys_errno, std::move(path),
    "the root directory is no longer at its path: a file system was mounted "
    "or unmounted there, or the directory was replaced; restore it, or reload "
    "the node (SIGHUP)");
}

/// Turns the result of the last step into that of the operation.
inline attempt<done> done_if(const attempt<void>& step) {
  return step.map([] { return done{}; });
}

/// Turns the result of a step into that of an operation on `path`.
inline attempt<done> done_if(const result<void>& step, const std::string& path,
                             const std::string& detail = {}) {
  if (!step)
    return failed(step.error(), path, detail);
  return done{};
}

} // namespace spindle::fs
