#include "depth/uv_calls.hpp"

#include "depth/calls.hpp"
#include "depth/require.hpp"
#include "statistics.hpp"

#include "spindle/fs/posix/posix_call.hpp"

#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <uv.h>

namespace bench::depth {

namespace {

class uv_caller {
public:
  uv_caller(const file_task& task, size_t window)
      : task_(task),
        calls_(calls_of(task)),
        directory_(
          ::open(task.directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)),
        chains_(window) {
    require(directory_.get() != -1, task.directory);
    check(uv_loop_init(&loop_));
    for (auto& x : chains_) {
      x.owner = this;
      x.request.data = &x;
      x.at = calls_.size();
      x.bytes.assign(task_.bytes, 'x');
    }
  }

  uv_caller(const uv_caller&) = delete;

  ~uv_caller() {
    uv_loop_close(&loop_);
  }

  void run() {
    for (auto& x : chains_)
      advance(x);
    uv_run(&loop_, UV_RUN_DEFAULT);
    check(error_);
  }

private:
  /// The calls for one file, of which one is in flight.
  struct chain {
    uv_caller* owner = nullptr;
    uv_fs_t request{};
    /// Which file, and the index of the call.
    size_t index = 0;
    size_t at = 0;
    opening opened{};
    uv_file file = -1;
    std::string bytes{};
  };

  static void check(int error) {
    if (error < 0)
      throw std::runtime_error{std::string{"libuv: "} + uv_strerror(error)};
  }

  /// Notes a failure. An exception must not pass through the frames of libuv.
  void note(int error) {
    if (error < 0)
      error_ = error;
  }

  /// Makes the next call, which may be the first for the next file.
  void advance(chain& x) {
    if (error_ < 0)
      return;
    if (x.at == calls_.size()) {
      if (next_ == task_.count)
        return;
      x.index = next_++;
      x.at = 0;
      x.opened = opening_of(task_, x.index);
    }
    note(make(calls_[x.at], x));
  }

  int make(call which, chain& x) {
    auto* request = &x.request;
    const auto* path = x.opened.path.c_str();
    auto part = uv_buf_init(x.bytes.data(), static_cast<unsigned>(task_.bytes));
    switch (which) {
      case call::open:
        return uv_fs_open(&loop_, request, path, x.opened.flags, 0666, on_done);
      case call::read:
        return uv_fs_read(&loop_, request, x.file, &part, 1, -1, on_done);
      case call::write:
        return uv_fs_write(&loop_, request, x.file, &part, 1, -1, on_done);
      case call::sync:
        return task_.level == spindle::durability::full
               ? uv_fs_fsync(&loop_, request, x.file, on_done)
               : uv_fs_fdatasync(&loop_, request, x.file, on_done);
      case call::close:
        return uv_fs_close(&loop_, request, x.file, on_done);
      case call::rename:
        return uv_fs_rename(&loop_, request, path, task_.path(x.index).c_str(),
                            on_done);
      case call::sync_directory:
        return uv_fs_fsync(&loop_, request, directory_.get(), on_done);
    }
    return UV_EINVAL;
  }

  static void on_done(uv_fs_t* request) {
    auto& x = *static_cast<chain*>(request->data);
    x.owner->end_call(x);
    x.owner->advance(x);
  }

  /// Takes the result of a call.
  void end_call(chain& x) {
    auto res = x.request.result;
    uv_fs_req_cleanup(&x.request);
    note(static_cast<int>(res));
    auto which = calls_[x.at++];
    if (which == call::open)
      x.file = static_cast<uv_file>(res);
    else if ((which == call::read || which == call::write)
             && res != static_cast<ssize_t>(task_.bytes))
      note(UV_EIO);
  }

  const file_task& task_;
  std::vector<call> calls_;
  spindle::fs::posix::descriptor directory_;
  std::vector<chain> chains_;
  uv_loop_t loop_{};
  size_t next_ = 0;
  int error_ = 0;
};

} // namespace

double time_uv(const file_task& task, size_t window) {
  uv_caller caller{task, window};
  prepare(task);
  return seconds([&] { caller.run(); });
}

} // namespace bench::depth
