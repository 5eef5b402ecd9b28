// What a step of an operation gives: a value, or the failure to be reported.
#pragma once

#include "spindle/fs/vfs.hpp"
#include "spindle/ops/error.hpp"

#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include <tl/expected.hpp>

namespace spindle::fs {

/// A value, or a failure that lacks nothing but the name of the operation.
template <class T>
using attempt = tl::expected<T, failure>;

/// Makes a failure out of an errno(3).
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

/// Makes a failure in which the system had no part.
inline tl::unexpected<failure> refused(errc code, std::string path,
                                       std::string detail) {
  auto res = failed(0, std::move(path), std::move(detail));
  res.value().code = code;
  return res;
}

/// Makes a failure of reading a pipe, FIFO or socket that had not come to its
/// end in time, after so many bytes.
inline tl::unexpected<failure> cut_off(std::string path, uint64_t bytes) {
  if (bytes == 0)
    return failed(EAGAIN, std::move(path), "nothing came in time");
  auto res = refused(errc::timed_out, std::move(path),
                     "its end did not come in time; " + std::to_string(bytes)
                       + " bytes came and are lost");
  res.value().done = bytes;
  return res;
}

/// Makes a failure out of what `vfs::check_start` says.
inline tl::unexpected<failure> moved_away(int sys_errno, std::string path) {
  return failed(
    sys_errno, std::move(path),
    "what it is in is no longer where it was opened: something was "
    "mounted there or unmounted, or a directory was replaced; bring "
    "that back, or reload the node (SIGHUP)");
}

/// Turns the outcome of the last step into that of an operation.
inline attempt<done> finished(const attempt<void>& step) {
  return step.map([] { return done{}; });
}

/// Turns the outcome of a step into that of an operation on `path`.
inline attempt<done> finished(const result<void>& step, const std::string& path,
                              const std::string& detail = {}) {
  if (!step)
    return failed(step.error(), path, detail);
  return done{};
}

} // namespace spindle::fs
