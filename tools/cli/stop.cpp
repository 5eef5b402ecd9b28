#include "cli/stop.hpp"

#include <cerrno>
#include <system_error>

#include <sys/eventfd.h>
#include <unistd.h>

namespace spindle::tool {

stop_event::stop_event() : descriptor_(::eventfd(0, EFD_CLOEXEC)) {
  if (descriptor_ < 0)
    throw std::system_error{errno, std::generic_category(), "eventfd"};
}

stop_event::~stop_event() {
  ::close(descriptor_);
}

void stop_event::request() noexcept {
  requested_ = true;
  // Fails only if the counter is at its maximum; then it is readable, too.
  [[maybe_unused]] auto ignored = ::eventfd_write(descriptor_, 1);
}

} // namespace spindle::tool
