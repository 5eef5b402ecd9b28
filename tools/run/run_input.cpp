#include "run/run_input.hpp"

#include <cerrno>
#include <system_error>

#include <poll.h>
#include <unistd.h>

namespace spindle::tool {

namespace {

constexpr size_t chunk_bytes = 64 << 10;

/// More than this is given back when a long line is done.
constexpr size_t kept_bytes = 1 << 20;

} // namespace

line_source::line_source(int descriptor, const stop_event& stop,
                         size_t max_line_bytes)
    : descriptor_(descriptor), stop_(stop), max_line_bytes_(max_line_bytes) {}

std::optional<input_line> line_source::next() {
  while (!stop_.requested()) {
    auto end = buffer_.find('\n', scanned_);
    if (end != std::string::npos)
      return take(end, 1);
    scanned_ = buffer_.size();
    if (scanned_ - begin_ > max_line_bytes_) {
      dropping_ = true;
      begin_ = scanned_;
    }
    if (fill())
      continue;
    if (stop_.requested() || (begin_ == buffer_.size() && !dropping_))
      break;
    return take(buffer_.size(), 0);
  }
  return std::nullopt;
}

input_line line_source::take(size_t end, size_t separator) {
  std::string_view text{buffer_.data() + begin_, end - begin_};
  input_line res{++lines_, text, dropping_ || text.size() > max_line_bytes_};
  if (res.too_long)
    res.text = {};
  dropping_ = false;
  begin_ = scanned_ = end + separator;
  return res;
}

bool line_source::fill() {
  buffer_.erase(0, begin_);
  begin_ = 0;
  scanned_ = buffer_.size();
  if (buffer_.empty() && buffer_.capacity() > kept_bytes)
    buffer_.shrink_to_fit();
  while (!ended_) {
    wait();
    if (stop_.requested())
      return false;
    auto size = buffer_.size();
    buffer_.resize(size + chunk_bytes);
    auto count = ::read(descriptor_, buffer_.data() + size, chunk_bytes);
    auto error = errno;
    buffer_.resize(size + (count > 0 ? static_cast<size_t>(count) : 0));
    if (count > 0)
      return true;
    ended_ = count == 0;
    if (count < 0 && error != EINTR && error != EAGAIN) {
      ended_ = true;
      throw std::system_error{error, std::generic_category()};
    }
  }
  return false;
}

void line_source::wait() const {
  pollfd waits[] = {{descriptor_, POLLIN, 0}, {stop_.descriptor(), POLLIN, 0}};
  if (::poll(waits, 2, -1) < 0 && errno != EINTR)
    throw std::system_error{errno, std::generic_category()};
}

} // namespace spindle::tool
