// System calls in a loop.
#include "contestants.hpp"

#include <array>
#include <cerrno>
#include <cstdio>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bench {

namespace {

void require(bool good, const std::string& path) {
  if (!good)
    throw std::system_error{errno, std::generic_category(), path};
}

template <class Transfer>
void with_file(const std::string& path, int flags, Transfer transfer) {
  auto fd = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  require(fd != -1, path);
  require(transfer(fd) == static_cast<ssize_t>(file_size), path);
  require(::close(fd) == 0, path);
}

} // namespace

void do_action(const workload& work, size_t i, char* into) {
  const auto& path = work.path(i);
  switch (work.what()) {
    case action::exists: {
      struct stat info;
      require(::stat(path.c_str(), &info) == 0, path);
      break;
    }
    case action::write:
      with_file(path, O_WRONLY | O_CREAT | O_TRUNC, [&](int fd) {
        return ::write(fd, work.content().data(), file_size);
      });
      break;
    case action::read:
      with_file(path, O_RDONLY,
                [&](int fd) { return ::read(fd, into, file_size); });
      break;
    case action::remove:
      require(::unlink(path.c_str()) == 0, path);
      break;
    case action::rename:
      require(::rename(path.c_str(), work.target(i).c_str()) == 0, path);
      break;
  }
}

contestant bare() {
  return {"bare system calls", [](const workload& work) {
            std::array<char, file_size> bytes;
            for (size_t i = 0; i < work.ops(); ++i)
              do_action(work, i, bytes.data());
          }};
}

} // namespace bench
