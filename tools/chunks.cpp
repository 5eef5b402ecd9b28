#include "chunks.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace spindle::tool {

// -- files --------------------------------------------------------------------

file_chunks::file_chunks(disk_access& disk, std::string path,
                         uint64_t chunk_size, uint64_t offset)
    : disk_(disk),
      path_(std::move(path)),
      chunk_size_(chunk_size),
      offset_(offset) {}

attempt<buffer> file_chunks::next() {
  read_ahead();
  if (reads_.empty())
    return buffer{};
  auto res = disk_access::output_of<buffer>(reads_.front());
  reads_.pop_front();
  // Less than what was asked for is the end, or an error.
  if (!res || res->size() < chunk_size_)
    end();
  return res;
}

void file_chunks::read_ahead() {
  while (!ended_ && reads_.size() < ahead_) {
    reads_.push_back(disk_.start(
      file_read{.path = path_, .offset = offset_, .length = chunk_size_}));
    offset_ += chunk_size_;
  }
  ahead_ = std::min(2 * ahead_, chunk_window);
}

void file_chunks::end() {
  ended_ = true;
  for (; !reads_.empty(); reads_.pop_front())
    reads_.front()();
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
stream_chunks::open(const std::string& name, uint64_t chunk_size) {
  auto descriptor = name == "-"
                    ? STDIN_FILENO
                    : ::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
  if (descriptor < 0)
    return tl::unexpected{failure_of_errno(name)};
  return std::make_unique<stream_chunks>(name, descriptor, chunk_size);
}

stream_chunks::~stream_chunks() {
  if (descriptor_ > STDERR_FILENO)
    ::close(descriptor_);
}

attempt<buffer> stream_chunks::next() {
  auto memory = buffer::allocate(chunk_size_);
  size_t size = 0;
  while (size < chunk_size_) {
    auto count = ::read(descriptor_, memory.get() + size, chunk_size_ - size);
    if (count == 0)
      break;
    if (count > 0)
      size += static_cast<size_t>(count);
    else if (errno != EINTR)
      return tl::unexpected{failure_of_errno(name_)};
  }
  return buffer{std::move(memory), size};
}

} // namespace spindle::tool
