#include "write/write_source.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace spindle::tool {

namespace {

/// Default capacity of a pipe.
constexpr uint64_t stream_page_bytes = uint64_t{64} << 10;

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

write_source::write_source(const std::string& name)
    : name_(name), descriptor_(STDIN_FILENO) {
  // Without O_NONBLOCK, opening a FIFO waits for a writer, even at a signal.
  if (name != "-")
    descriptor_ = ::open(name.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  if (descriptor_ < 0 || ::fstat(descriptor_, &info_) != 0)
    throw std::system_error{errno, std::generic_category()};
  if (S_ISDIR(info_.st_mode))
    throw std::system_error{EISDIR, std::generic_category()};
}

write_source::~write_source() {
  if (descriptor_ > STDERR_FILENO)
    ::close(descriptor_);
}

// -- properties ---------------------------------------------------------------

std::optional<uint64_t> write_source::size() const {
  // Files in /proc report a size of 0, but have content.
  if (!is_file() || info_.st_size == 0)
    return std::nullopt;
  auto size = static_cast<uint64_t>(info_.st_size);
  auto begin = name_ == "-" ? ::lseek(descriptor_, 0, SEEK_CUR) : 0;
  return size
       - std::min(size, static_cast<uint64_t>(std::max<off_t>(begin, 0)));
}

bool write_source::is_same(int descriptor) const {
  struct stat other {};
  return ::fstat(descriptor, &other) == 0 && is_same(other);
}

bool write_source::is_same(const std::string& path) const {
  struct stat other {};
  return ::stat(path.c_str(), &other) == 0 && is_same(other);
}

bool write_source::is_same(const struct stat& other) const {
  return is_file() && other.st_dev == info_.st_dev
      && other.st_ino == info_.st_ino;
}

// -- reading ------------------------------------------------------------------

caf::expected<buffer> write_source::next(client& through, uint64_t page_size,
                                         const stop_event& stop) {
  if (stop.requested())
    return buffer{};
  if (!is_file() || name_ == "-")
    return next_of_stream(page_size, stop);
  auto res = through.run(
    file_read{.path = name_, .offset = offset_, .length = page_size});
  if (res)
    offset_ += res->size();
  return res;
}

caf::expected<buffer>
write_source::next_of_stream(uint64_t page_size, const stop_event& stop) const {
  auto size = is_file() ? page_size : std::min(page_size, stream_page_bytes);
  auto memory = buffer::allocate(size);
  for (;;) {
    pollfd waits[] = {{descriptor_, POLLIN, 0}, {stop.descriptor(), POLLIN, 0}};
    if (::poll(waits, 2, -1) < 0 && errno != EINTR)
      return to_error(failure_of_errno(errno));
    if (stop.requested())
      return buffer{};
    auto count = ::read(descriptor_, memory.get(), size);
    if (count >= 0)
      return buffer{memory, static_cast<size_t>(count)};
    if (errno != EINTR && errno != EAGAIN)
      return to_error(failure_of_errno(errno));
  }
}

failure write_source::failure_of_errno(int error) const {
  return {.code = errc_of(error),
          .operation = "read",
          .path = name_ == "-" ? "stdin" : name_,
          .sys_errno = error};
}

} // namespace spindle::tool
