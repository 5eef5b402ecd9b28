// The contestant that uses libuv.
#include "contestants.hpp"

#include <array>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <uv.h>

namespace bench {

namespace {

/// Does a workload with a number of chains of calls in flight.
class uv_session {
public:
  uv_session(const workload& work, size_t window)
      : work_(work), chains_(window) {
    check(uv_loop_init(&loop_));
  }

  uv_session(const uv_session&) = delete;

  ~uv_session() {
    uv_loop_close(&loop_);
  }

  void run() {
    for (auto& chain : chains_) {
      chain.request.data = &chain;
      chain.owner = this;
      start(chain);
    }
    uv_run(&loop_, UV_RUN_DEFAULT);
    check(error_);
  }

private:
  /// The calls for one file, of which one is in flight.
  struct chain {
    uv_session* owner = nullptr;
    uv_fs_t request{};
    uv_file file = -1;
    std::array<char, file_size> bytes{};
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

  /// Begins with the next file, if there is one.
  void start(chain& x) {
    if (next_ == work_.ops() || error_ < 0)
      return;
    auto i = next_++;
    const auto* path = work_.path(i).c_str();
    switch (work_.what()) {
      case action::exists:
        note(uv_fs_stat(&loop_, &x.request, path, on_done));
        break;
      case action::write:
        note(uv_fs_open(&loop_, &x.request, path, O_WRONLY | O_CREAT | O_TRUNC,
                        0666, on_open));
        break;
      case action::read:
        note(uv_fs_open(&loop_, &x.request, path, O_RDONLY, 0, on_open));
        break;
      case action::remove:
        note(uv_fs_unlink(&loop_, &x.request, path, on_done));
        break;
      case action::rename:
        note(uv_fs_rename(&loop_, &x.request, path, work_.target(i).c_str(),
                          on_done));
        break;
    }
  }

  /// Returns the result of a call, and notes a failure.
  static ssize_t finish(uv_fs_t* request) {
    auto& x = *static_cast<chain*>(request->data);
    auto res = request->result;
    x.owner->note(static_cast<int>(res));
    uv_fs_req_cleanup(request);
    return res;
  }

  static void on_open(uv_fs_t* request) {
    auto& x = *static_cast<chain*>(request->data);
    auto& self = *x.owner;
    auto res = finish(request);
    if (res < 0)
      return;
    x.file = static_cast<uv_file>(res);
    if (self.work_.what() == action::write) {
      auto content = self.work_.content();
      auto part = uv_buf_init(const_cast<char*>(content.data()), file_size);
      self.note(
        uv_fs_write(&self.loop_, request, x.file, &part, 1, -1, on_moved));
    } else {
      auto part = uv_buf_init(x.bytes.data(), file_size);
      self.note(
        uv_fs_read(&self.loop_, request, x.file, &part, 1, -1, on_moved));
    }
  }

  static void on_moved(uv_fs_t* request) {
    auto& x = *static_cast<chain*>(request->data);
    if (finish(request) != static_cast<ssize_t>(file_size))
      x.owner->note(UV_EIO);
    x.owner->note(uv_fs_close(&x.owner->loop_, request, x.file, on_done));
  }

  static void on_done(uv_fs_t* request) {
    auto& x = *static_cast<chain*>(request->data);
    finish(request);
    x.owner->start(x);
  }

  const workload& work_;
  std::vector<chain> chains_;
  uv_loop_t loop_{};
  size_t next_ = 0;
  int error_ = 0;
};

} // namespace

contestant libuv(size_t window) {
  return {"libuv, window " + std::to_string(window),
          [window](const workload& work) {
            uv_session{work, window}.run();
          }};
}

} // namespace bench
