#include "transfer/chunks.hpp"

#include "spindle/fs/content_hash.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace spindle::tool {

// -- files --------------------------------------------------------------------

file_chunks::file_chunks(disk_access& disk, std::string path,
                         uint64_t chunk_size, uint64_t offset,
                         std::optional<uint64_t> end)
    : disk_(disk),
      path_(std::move(path)),
      chunk_size_(chunk_size),
      offset_(offset),
      end_(end) {}

attempt<buffer> file_chunks::next() {
  read_ahead();
  if (reads_.empty())
    return buffer{};
  auto [answer, length] = std::move(reads_.front());
  reads_.pop_front();
  auto res = disk_access::output_of<buffer>(answer);
  // A failure or a short read is the end.
  if (!res || res->size() < length)
    end();
  return res;
}

void file_chunks::read_ahead() {
  while (!ended_ && reads_.size() < ahead_) {
    auto length = end_ ? std::min(chunk_size_, *end_ - offset_) : chunk_size_;
    if (length == 0)
      break;
    reads_.push_back({disk_.start(file_read{
                        .path = path_, .offset = offset_, .length = length}),
                      length});
    offset_ += length;
  }
  ahead_ = std::min(2 * ahead_, chunk_window);
}

void file_chunks::end() {
  ended_ = true;
  for (; !reads_.empty(); reads_.pop_front())
    reads_.front().answer();
}

// -- files with holes ---------------------------------------------------------

namespace {

std::string checksum_of(const buffer& bytes) {
  fs::content_hash hash;
  hash.add(bytes.bytes());
  return hash.digits();
}

buffer zeros(uint64_t count) {
  auto memory = buffer::allocate(count);
  std::memset(memory.get(), 0, count);
  return {std::move(memory), count};
}

} // namespace

sparse_chunks::sparse_chunks(disk_access& disk, std::string path,
                             uint64_t chunk_size, uint64_t offset, uint64_t end)
    : disk_(disk),
      path_(std::move(path)),
      offset_(offset),
      end_(end),
      zeros_(zeros(chunk_size)),
      checksum_of_zeros_(checksum_of(zeros_)) {}

attempt<buffer> sparse_chunks::next() {
  look_ahead();
  if (auto started = read_ahead(); !started) {
    end();
    return tl::unexpected{std::move(started.error())};
  }
  if (chunks_.empty())
    return buffer{};
  auto first = std::move(chunks_.front());
  chunks_.pop_front();
  --known_;
  if (!first.content)
    return zeros_.slice(0, first.length);
  auto res = disk_access::output_of<buffer>(first.content);
  // A short read: the file was truncated, and ends here.
  if (!res || res->size() < first.length)
    end();
  return res;
}

void sparse_chunks::end() {
  end_ = offset_;
  for (size_t i = 0; i < chunks_.size(); ++i)
    if (i >= known_)
      chunks_[i].checksum();
    else if (chunks_[i].content)
      chunks_[i].content();
  chunks_.clear();
  known_ = 0;
}

void sparse_chunks::look_ahead() {
  while (offset_ < end_ && chunks_.size() < 2 * chunk_window) {
    auto length = std::min<uint64_t>(zeros_.size(), end_ - offset_);
    chunks_.push_back({offset_, length,
                       disk_.start(file_checksum{
                         .path = path_, .offset = offset_, .length = length})});
    offset_ += length;
  }
}

attempt<void> sparse_chunks::read_ahead() {
  while (known_ < std::min(chunks_.size(), chunk_window)) {
    auto& next = chunks_[known_++];
    auto zero = is_zero(next);
    if (!zero)
      return tl::unexpected{std::move(zero.error())};
    if (!*zero)
      next.content = disk_.start(
        file_read{.path = path_, .offset = next.offset, .length = next.length});
  }
  return {};
}

attempt<bool> sparse_chunks::is_zero(const chunk& which) {
  auto found = disk_access::output_of<std::string>(which.checksum);
  if (!found)
    return tl::unexpected{std::move(found.error())};
  return *found
      == (which.length == zeros_.size()
            ? checksum_of_zeros_
            : checksum_of(zeros_.slice(0, which.length)));
}

// -- streams ------------------------------------------------------------------

namespace {

failure failure_of_errno(const std::string& name) {
  return {.code = errc_of(errno),
          .operation = "read",
          .path = name == "-" ? "stdin" : name,
          .sys_errno = errno};
}

} // namespace

attempt<std::unique_ptr<chunk_source>>
stream_chunks::open(const std::string& name, uint64_t chunk_size,
                    const stop_event* stop, stream_pace pace) {
  // Without O_NONBLOCK, opening a FIFO waits for a writer, even at a signal.
  auto descriptor
    = name == "-"
      ? STDIN_FILENO
      : ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
  if (descriptor < 0)
    return tl::unexpected{failure_of_errno(name)};
  return std::make_unique<stream_chunks>(name, descriptor, chunk_size, stop,
                                         pace);
}

stream_chunks::~stream_chunks() {
  if (descriptor_ > STDERR_FILENO)
    ::close(descriptor_);
}

attempt<buffer> stream_chunks::next() {
  auto memory = buffer::allocate(chunk_size_);
  size_t size = 0;
  while (size < chunk_size_) {
    if (auto ready = wait(); !ready)
      return tl::unexpected{std::move(ready.error())};
    auto count = ::read(descriptor_, memory.get() + size, chunk_size_ - size);
    if (count == 0)
      break;
    if (count > 0)
      size += static_cast<size_t>(count);
    if (count > 0 && pace_ == stream_pace::as_it_comes)
      break;
    if (count < 0 && errno != EINTR && errno != EAGAIN)
      return tl::unexpected{failure_of_errno(name_)};
  }
  return buffer{std::move(memory), size};
}

attempt<void> stream_chunks::wait() {
  // A FIFO that had no writer yet is neither ready nor at its end.
  pollfd waits[]
    = {{descriptor_, POLLIN, 0}, {stop_ ? stop_->descriptor() : -1, POLLIN, 0}};
  while (::poll(waits, 2, -1) < 0)
    if (errno != EINTR)
      return tl::unexpected{failure_of_errno(name_)};
  if (stop_ && stop_->requested())
    return tl::unexpected{failure{.code = errc::cancelled,
                                  .operation = "read",
                                  .path = name_ == "-" ? "stdin" : name_}};
  return {};
}

} // namespace spindle::tool
