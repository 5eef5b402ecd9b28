#include "bare_floods.hpp"

#include "busy_clients.hpp"
#include "pinger.hpp"
#include "requester.hpp"

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bench {

namespace {

struct bare_reader_trait {
  using signatures
    = cafx::type_list<caf::result<bool>(spindle::file_exists),
                      caf::result<spindle::buffer>(spindle::file_read)>;
};
using bare_reader = cafx::typed_actor<bare_reader_trait>;

caf::error system_error(int sys_errno) {
  return spindle::to_error({.code = spindle::errc_of(sys_errno),
                            .operation = "bare",
                            .sys_errno = sys_errno});
}

caf::result<spindle::buffer> read_small(const std::string& path) {
  auto fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd == -1)
    return system_error(errno);
  auto bytes = spindle::buffer::allocate(file_size);
  auto got = ::pread(fd, bytes.get(), file_size, 0);
  auto read_errno = errno;
  ::close(fd);
  if (got == -1)
    return system_error(read_errno);
  return spindle::buffer{std::move(bytes), static_cast<size_t>(got)};
}

/// Answers with the bare system calls.
class bare_reader_state {
public:
  explicit bare_reader_state(cafx::self_ptr<bare_reader>) {}

  bare_reader::behavior_type make_behavior() {
    return {
      [](const spindle::file_exists& x) -> caf::result<bool> {
        struct stat info;
        return ::stat(x.path.c_str(), &info) == 0;
      },
      [](const spindle::file_read& x) -> caf::result<spindle::buffer> {
        return read_small(x.path);
      },
    };
  }
};

} // namespace

samples wait_beside_bare_floods(caf::actor_system& sys, const std::string& path,
                                const flood_amount& floods,
                                const ping_amount& how_often) {
  // It blocks, so it has a thread of its own.
  bare_reader disk
    = sys.spawn<cafx::actor_of<bare_reader_state>, caf::detached>();
  busy_clients others{floods.clients, [&sys, &disk, &path, &floods] {
                        run_requests(
                          sys, disk,
                          [&path](size_t) {
                            return spindle::file_read{.path = path,
                                                      .length = file_size};
                          },
                          floods.operations, floods.window);
                      }};
  std::this_thread::sleep_for(floods.head_start);
  samples res;
  ping_from_actor(sys, disk, path, how_often, res);
  others.finish();
  caf::anon_send_exit(disk, caf::exit_reason::user_shutdown);
  return res;
}

} // namespace bench
