// Memory that pending operations and idle writers take.
#include "host.hpp"
#include "sections.hpp"

#include "spindle/client.hpp"
#include "spindle/fs/posix/posix_vfs.hpp"
#include "spindle/fs/testing/faulty_vfs.hpp"

#include <cstdio>
#include <fstream>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace bench {

namespace {

/// Receives outcomes, but no operation ever ends.
class receiver_state {
public:
  explicit receiver_state(cafx::self_ptr<spindle::callback>) {}

  spindle::callback::behavior_type make_behavior() {
    return {
      [](const spindle::outcome&) -> caf::result<void> { return caf::unit; },
    };
  }
};

/// Returns a disk that never returns from its first call.
spindle::fs::vfs_ptr make_held_disk() {
  auto res = std::make_shared<spindle::fs::faulty_vfs>(
    std::make_shared<spindle::fs::posix_vfs>());
  res->plan().observe([](spindle::fs::call_kind, const std::string&) {
    for (;;)
      std::this_thread::sleep_for(std::chrono::hours{1});
  });
  return res;
}

/// Returns the bytes of this process that are in memory.
double resident_bytes() {
  size_t all = 0;
  size_t resident = 0;
  std::ifstream{"/proc/self/statm"} >> all >> resident;
  return static_cast<double>(resident)
       * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

/// Returns how many bytes of memory a pending operation takes, as the mean of
/// `count` operations. These, and threads, exist until the process ends.
template <class Op>
double bytes_per_pending(const options& opts, size_t count) {
  spindle::settings bounds;
  bounds.max_pending_ops = count;
  bounds.disk = make_held_disk();
  // Both exist until the process ends.
  auto& where = *new host{opts.scheduler, bounds};
  auto& client = *new spindle::client{where.queue(), std::chrono::minutes{5}};
  spindle::callback who
    = where.system().spawn<cafx::actor_of<receiver_state>>();
  auto before = resident_bytes();
  for (size_t i = 0; i < count; ++i) {
    auto path = opts.tmpfs + "/spindle-bench/file-" + std::to_string(i);
    cafx::anon_mail(Op{.path = path}, who).send(where.queue().supervisor());
    // Waiting for an answer keeps the mailbox short.
    if (i % 1024 == 0)
      client.status();
  }
  auto status = client.status();
  auto res = (resident_bytes() - before) / static_cast<double>(count);
  if (!status || status->pending + status->running != count)
    throw std::runtime_error{"not all operations are pending"};
  return res;
}

/// Returns how many bytes of memory a writer without data takes, as the mean of
/// `count` writers. These, and threads, exist until the process ends.
double bytes_per_writer(const options& opts, size_t count) {
  // Both exist until the process ends.
  auto& where = *new host{opts.scheduler};
  auto& client = *new spindle::client{where.queue(), std::chrono::minutes{5}};
  auto& writers = *new std::vector<spindle::writer_actor>;
  writers.reserve(count);
  auto known = [&client] {
    auto status = client.status();
    return status ? status->writers : 0;
  };
  known();
  auto before = resident_bytes();
  for (size_t i = 0; i < count; ++i) {
    auto path = opts.tmpfs + "/spindle-bench/file-" + std::to_string(i);
    writers.push_back(where.queue().write({.path = path, .open_ended = true}));
    // Waiting for an answer keeps the mailbox short.
    if (i % 1024 == 0)
      known();
  }
  while (known() != count)
    std::this_thread::yield();
  return (resident_bytes() - before) / static_cast<double>(count);
}

/// Calls `measure` in a child process, which starts with little memory and ends
/// without destroying anything.
double in_child(const std::function<double()>& measure) {
  int ends[2];
  if (::pipe(ends) != 0)
    throw std::runtime_error{
      "cannot make a pipe to the child that measures memory"};
  auto child = ::fork();
  if (child == 0) {
    double res = -1;
    try {
      res = measure();
    } catch (const std::exception& x) {
      std::fprintf(stderr, "%s\n", x.what());
    }
    auto sent = ::write(ends[1], &res, sizeof(res));
    ::_exit(sent == sizeof(res) ? 0 : 1);
  }
  ::close(ends[1]);
  double res = -1;
  auto received = ::read(ends[0], &res, sizeof(res));
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  if (received != sizeof(res) || res < 0)
    throw std::runtime_error{"the child that measures memory has failed"};
  return res;
}

template <class Op>
row measure_one(const options& opts) {
  auto value
    = in_child([&opts] { return bytes_per_pending<Op>(opts, opts.pending); });
  return {"memory", std::to_string(opts.pending),
          std::string{"pending "} + Op::type_name, value, "bytes/op"};
}

} // namespace

std::vector<row> measure_memory(const options& opts) {
  std::vector<row> res;
  if (opts.wants("memory")) {
    res.push_back(measure_one<spindle::file_exists>(opts));
    res.push_back(measure_one<spindle::file_write>(opts));
  }
  if (opts.wants("writers memory")) {
    auto count = opts.idle_writers;
    auto value = in_child([&] { return bytes_per_writer(opts, count); });
    res.push_back({"memory", std::to_string(count), "writers without data",
                   value / 1024, "KiB each"});
  }
  if (!res.empty())
    print(res);
  return res;
}

} // namespace bench
