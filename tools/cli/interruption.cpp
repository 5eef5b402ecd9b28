#include "cli/interruption.hpp"

#include "cli/exit_code.hpp"
#include "text/erase_line.hpp"

#include "spindle/fs/posix/posix_vfs.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <unistd.h>

namespace spindle::tool {

namespace {

/// Bytes that one call may copy, so that a signal takes effect soon.
constexpr size_t max_transfer_bytes = size_t{16} << 20;

} // namespace

interruption::interruption(std::string command, bool at_once)
    : command_(std::move(command)),
      at_once_(at_once),
      disk_(
        std::make_shared<fs::faulty_vfs>(std::make_shared<fs::posix_vfs>())) {
  disk_->plan().limit_transfers(max_transfer_bytes);
  signals_.start([this](int signal, int count) { stop(signal, count); });
}

int interruption::finish(int code) {
  signals_.end();
  if (code != exit_success && requested())
    report();
  return code;
}

void interruption::stop(int signal, int count) {
  fail_all();
  // Set after the faults, so that whoever reads it can rely on them.
  signal_ = signal;
  if (count == 1 && !at_once_)
    return;
  report();
  std::_Exit(exit_failed);
}

void interruption::fail_all() {
  using fs::call_kind;
  for (auto kind :
       {call_kind::open, call_kind::make_directory, call_kind::rename,
        call_kind::make_link, call_kind::make_hard_link, call_kind::write,
        call_kind::copy, call_kind::clone, call_kind::punch_hole,
        call_kind::truncate, call_kind::sync})
    disk_->plan().fail_all(kind, ECANCELED);
}

void interruption::report() const {
  // A progress line may be visible.
  auto* erase = ::isatty(STDERR_FILENO) == 1 ? erase_line : "";
  std::fprintf(stderr, "%sspindle %s: stopped by SIG%s\n", erase,
               command_.c_str(), sigabbrev_np(signal_));
}

bool is_interrupted(const failure& why) {
  return why.sys_errno == ECANCELED
      || std::any_of(why.entries.begin(), why.entries.end(),
                     [](const auto& x) { return x.sys_errno == ECANCELED; });
}

} // namespace spindle::tool
