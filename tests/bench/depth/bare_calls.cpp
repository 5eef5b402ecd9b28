// System calls in a loop.
#include "depth/calls.hpp"
#include "depth/contestants.hpp"
#include "depth/require.hpp"
#include "statistics.hpp"

#include "spindle/fs/posix/posix_call.hpp"

#include <cstdio>

#include <fcntl.h>
#include <unistd.h>

namespace bench::depth {

namespace {

class bare_caller {
public:
  explicit bare_caller(const file_task& task)
      : task_(task),
        calls_(calls_of(task)),
        directory_(
          ::open(task.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        bytes_(task.bytes, 'x') {
    require(directory_.get() != -1, task.directory);
  }

  void run() {
    for (size_t i = 0; i < task_.count; ++i) {
      opened_ = opening_of(task_, i);
      for (auto which : calls_)
        require(make(which, i), opened_.path);
    }
  }

private:
  /// Makes one call; returns whether it succeeded.
  bool make(call which, size_t i) {
    auto size = static_cast<ssize_t>(bytes_.size());
    switch (which) {
      case call::open:
        file_ = ::open(opened_.path.c_str(), opened_.flags, 0666);
        return file_ != -1;
      case call::read:
        return ::read(file_, bytes_.data(), bytes_.size()) == size;
      case call::write:
        return ::write(file_, bytes_.data(), bytes_.size()) == size;
      case call::sync:
        return (task_.level == spindle::durability::full ? ::fsync(file_)
                                                         : ::fdatasync(file_))
            == 0;
      case call::close:
        return ::close(file_) == 0;
      case call::rename:
        return ::rename(opened_.path.c_str(), task_.path(i).c_str()) == 0;
      case call::sync_directory:
        return ::fsync(directory_.get()) == 0;
    }
    return false;
  }

  const file_task& task_;
  std::vector<call> calls_;
  spindle::fs::posix::descriptor directory_;
  std::string bytes_;
  opening opened_;
  int file_ = -1;
};

} // namespace

contestant bare_calls() {
  return {"bare system calls", [](const file_task& task) {
            bare_caller caller{task};
            prepare(task);
            return seconds([&] { caller.run(); });
          }};
}

} // namespace bench::depth
