// Who makes the calls that wait for the device: each kind of engine makes each
// call once, and gives its result.

#include "catch.hpp"
#include "no_memory.hpp"
#include "patience.hpp"
#include "temp_dir.hpp"

#include "spindle/fs/engine.hpp"
#include "spindle/fs/posix/posix_call.hpp"
#include "spindle/fs/posix/ring_engine.hpp"

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <functional>
#include <future>
#include <iterator>
#include <latch>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace spindle::fs;
using namespace std::chrono_literals;

using posix::descriptor;
using posix::ring_engine;

namespace {

/// Ends the test case visibly if there is no engine.
#define SKIP_WITHOUT(engine)                                                   \
  if (!(engine)) {                                                             \
    WARN("skipped: this machine does not allow io_uring");                     \
    return;                                                                    \
  }

/// Returns each kind of engine in turn.
engine_kind each_kind() {
  return GENERATE(engine_kind::plain, engine_kind::threads, engine_kind::ring);
}

/// Returns each kind of engine that waits in turn.
engine_kind each_waiting_kind() {
  return GENERATE(engine_kind::threads, engine_kind::ring);
}

/// Counts how it was made. Keeps what a system call returns, or the negated
/// errno.
class counted_call final : public device_call {
public:
  explicit counted_call(std::function<int()> plain, kernel_request request = {})
      : plain_(std::move(plain)), request_(request) {}

  void run() noexcept override {
    ++runs;
    result = plain_();
  }

  kernel_request describe() override {
    return request_;
  }

  void take_result(int outcome) noexcept override {
    ++taken;
    result = outcome;
  }

  /// Returns how often it was made, by whomever.
  int times() const {
    return runs + taken;
  }

  int runs = 0;
  int taken = 0;
  int result = 0;

private:
  std::function<int()> plain_;
  kernel_request request_;
};

using calls = std::vector<std::unique_ptr<counted_call>>;

/// Converts the return value of a system call.
int outcome_of(ssize_t returned) {
  return returned == -1 ? -errno : static_cast<int>(returned);
}

counted_call call_of(read_request what) {
  return counted_call{[what] {
                        return outcome_of(::pread(
                          what.descriptor, what.into.data(), what.into.size(),
                          static_cast<off_t>(what.offset)));
                      },
                      what};
}

counted_call call_of(sync_request what) {
  return counted_call{[what] {
                        return outcome_of(what.data_only
                                            ? ::fdatasync(what.descriptor)
                                            : ::fsync(what.descriptor));
                      },
                      what};
}

counted_call call_of(open_request what) {
  return counted_call{[what] {
                        return outcome_of(::syscall(SYS_openat2, what.base,
                                                    what.path, what.how,
                                                    sizeof(open_how)));
                      },
                      what};
}

/// A call that only `run` makes.
counted_call plain_call(std::function<int()> plain) {
  return counted_call{std::move(plain)};
}

/// Waits until `count` calls are done.
std::vector<device_call*> finish(engine& with, size_t count) {
  std::vector<device_call*> done;
  while (done.size() < count)
    with.wait(done);
  return done;
}

/// Makes one call.
void make(engine& with, counted_call& what) {
  with.start(what);
  auto done = finish(with, 1);
  REQUIRE(done == std::vector<device_call*>{&what});
  REQUIRE(what.times() == 1);
}

void write_text(const std::string& path, const std::string& text) {
  std::ofstream{path} << text;
}

/// Returns a text whose parts differ.
std::string long_text(size_t size) {
  std::string res;
  while (res.size() < size)
    res += std::to_string(res.size()) + ' ';
  res.resize(size);
  return res;
}

descriptor open_file(const std::string& path, int flags = O_RDONLY) {
  descriptor res{::open(path.c_str(), flags | O_CLOEXEC)};
  REQUIRE(res.get() != -1);
  return res;
}

/// A pipe. A read of it waits until somebody writes.
struct pipe_pair {
  pipe_pair() {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    reader = std::make_unique<descriptor>(ends[0]);
    writer = std::make_unique<descriptor>(ends[1]);
  }

  void put(char what) const {
    REQUIRE(::write(writer->get(), &what, 1) == 1);
  }

  std::unique_ptr<descriptor> reader;
  std::unique_ptr<descriptor> writer;
};

/// Lets a system call fail with EPERM in this thread, for ever. So use it only
/// in a thread of its own.
bool refuse_system_call(long number) {
  sock_filter program[]
    = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
       BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(number), 0, 1),
       BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
       BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  sock_fprog filter{.len = static_cast<unsigned short>(std::size(program)),
                    .filter = program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
      && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// Runs a function in a thread of its own.
/// @returns its result.
template <class Function>
auto elsewhere(Function function) {
  std::promise<decltype(function())> result;
  auto future = result.get_future();
  std::thread thread{[&] { result.set_value(function()); }};
  thread.join();
  return future.get();
}

} // namespace

// -- all kinds ----------------------------------------------------------------

TEST_CASE("an engine has its kind and depth") {
  CHECK(make_engine(engine_kind::plain, 8)->depth() == 1);
  CHECK(make_engine(engine_kind::threads, 8)->depth() == 8);
  auto kind = each_kind();
  CAPTURE(static_cast<int>(kind));
  auto by = make_engine(kind, 4);
  SKIP_WITHOUT(by)
  CHECK(by->kind() == kind);
  CHECK(by->depth() == (kind == engine_kind::plain ? 1 : 4));
}

TEST_CASE("an engine returns at once if nothing was started") {
  auto kind = each_kind();
  CAPTURE(static_cast<int>(kind));
  auto by = make_engine(kind, 4);
  SKIP_WITHOUT(by)
  std::vector<device_call*> done;
  by->wait(done);
  by->poll(done);
  CHECK(done.empty());
  auto call = plain_call([] { return 7; });
  make(*by, call);
  by->wait(done);
  CHECK(done.empty());
}

TEST_CASE("an engine makes each of many calls once") {
  constexpr size_t count = 1000;
  constexpr size_t size = 100;
  auto kind = each_kind();
  CAPTURE(static_cast<int>(kind));
  auto by = make_engine(kind, 4);
  SKIP_WITHOUT(by)
  auto is_described = GENERATE(true, false);
  kit::temp_dir dir;
  auto text = long_text(count * size);
  write_text(dir / "f", text);
  auto file = open_file(dir / "f");
  std::string found(text.size(), '-');
  calls all;
  for (size_t i = 0; i < count; ++i) {
    auto into
      = std::as_writable_bytes(std::span{found}).subspan(i * size, size);
    auto call = call_of(read_request{file.get(), i * size, into});
    all.push_back(is_described
                    ? std::make_unique<counted_call>(call)
                    : std::make_unique<counted_call>([call]() mutable {
                        call.run();
                        return call.result;
                      }));
    by->start(*all.back());
  }
  auto done = finish(*by, count);
  CHECK(done.size() == count);
  for (auto& call : all) {
    REQUIRE(call->times() == 1);
    REQUIRE(call->result == size);
  }
  CHECK(found == text);
  by->poll(done);
  CHECK(done.size() == count);
}

TEST_CASE("an engine takes calls while others are being made") {
  constexpr size_t count = 500;
  auto kind = each_kind();
  CAPTURE(static_cast<int>(kind));
  auto by = make_engine(kind, 3);
  SKIP_WITHOUT(by)
  kit::temp_dir dir;
  write_text(dir / "f", "abc");
  auto file = open_file(dir / "f");
  std::string bytes(count, '-');
  calls all;
  std::vector<device_call*> done;
  for (size_t i = 0; i < count; ++i) {
    auto into = std::as_writable_bytes(std::span{bytes}.subspan(i, 1));
    auto call = call_of(read_request{file.get(), 1, into});
    all.push_back(std::make_unique<counted_call>(call));
    by->start(*all.back());
    if (i % 7 == 0)
      by->poll(done);
    if (i % 50 == 0)
      by->wait(done);
  }
  while (done.size() < count)
    by->wait(done);
  for (auto& call : all)
    REQUIRE(call->times() == 1);
  CHECK(bytes == std::string(count, 'b'));
}

TEST_CASE("an engine reads, syncs and opens") {
  auto kind = each_kind();
  CAPTURE(static_cast<int>(kind));
  auto by = make_engine(kind, 4);
  SKIP_WITHOUT(by)
  kit::temp_dir dir;
  write_text(dir / "f", "0123456789");
  auto file = open_file(dir / "f");
  auto base = open_file(dir.path(), O_RDONLY | O_DIRECTORY);
  std::string text(4, '-');
  auto into = std::as_writable_bytes(std::span{text});

  auto read = call_of(read_request{file.get(), 3, into});
  make(*by, read);
  CHECK(read.result == 4);
  CHECK(text == "3456");
  auto at_end = call_of(read_request{file.get(), 8, into});
  make(*by, at_end);
  CHECK(at_end.result == 2);
  CHECK(text == "8956");

  for (auto data_only : {false, true}) {
    auto sync = call_of(sync_request{file.get(), data_only});
    make(*by, sync);
    CHECK(sync.result == 0);
    auto sync_directory = call_of(sync_request{base.get(), data_only});
    make(*by, sync_directory);
    CHECK(sync_directory.result == 0);
  }

  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH;
  auto open = call_of(open_request{base.get(), "f", &how});
  make(*by, open);
  REQUIRE(open.result >= 0);
  descriptor opened{open.result};
  CHECK(::fcntl(opened.get(), F_GETFD) == FD_CLOEXEC);
  auto read_opened = call_of(read_request{opened.get(), 0, into});
  make(*by, read_opened);
  CHECK(text == "0123");
}

TEST_CASE("an engine gives errors as negated errno") {
  auto kind = each_kind();
  CAPTURE(static_cast<int>(kind));
  auto by = make_engine(kind, 4);
  SKIP_WITHOUT(by)
  kit::temp_dir dir;
  auto base = open_file(dir.path(), O_RDONLY | O_DIRECTORY);
  open_how how{};
  how.flags = O_RDONLY | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH;
  auto missing = call_of(open_request{base.get(), "missing", &how});
  make(*by, missing);
  CHECK(missing.result == -ENOENT);
  auto above = call_of(open_request{base.get(), "../f", &how});
  make(*by, above);
  CHECK(above.result == -EXDEV);
  char byte = 0;
  auto into = std::as_writable_bytes(std::span{&byte, 1});
  auto read = call_of(read_request{-1, 0, into});
  make(*by, read);
  CHECK(read.result == -EBADF);
  auto read_directory = call_of(read_request{base.get(), 0, into});
  make(*by, read_directory);
  CHECK(read_directory.result == -EISDIR);
  auto sync = call_of(sync_request{-1, true});
  make(*by, sync);
  CHECK(sync.result == -EBADF);
  auto other = plain_call([] { return -ENOSPC; });
  make(*by, other);
  CHECK(other.result == -ENOSPC);
}

TEST_CASE("an engine refuses the offsets that pread refuses") {
  auto kind = each_kind();
  CAPTURE(static_cast<int>(kind));
  auto by = make_engine(kind, 4);
  SKIP_WITHOUT(by)
  kit::temp_dir dir;
  write_text(dir / "f", "abc");
  auto file = open_file(dir / "f");
  char byte = 0;
  auto into = std::as_writable_bytes(std::span{&byte, 1});
  for (auto offset : {uint64_t{1} << 63, ~uint64_t{0}}) {
    auto read = call_of(read_request{file.get(), offset, into});
    make(*by, read);
    CHECK(read.result == -EINVAL);
  }
}

TEST_CASE("an engine makes calls that nobody waits for") {
  auto kind = each_kind();
  CAPTURE(static_cast<int>(kind));
  auto by = make_engine(kind, 4);
  SKIP_WITHOUT(by)
  pipe_pair pipe;
  calls all;
  std::atomic<int> made = 0;
  for (int i = 0; i < 100; ++i) {
    all.push_back(std::make_unique<counted_call>([&] { return ++made; }));
    by->start(*all.back());
  }
  char byte = 0;
  auto into = std::as_writable_bytes(std::span{&byte, 1});
  // Not a regular file, but the only read that waits for sure.
  counted_call slow{
    [&] { return outcome_of(::read(pipe.reader->get(), &byte, 1)); },
    read_request{pipe.reader->get(), 0, into}};
  std::thread writer;
  if (kind == engine_kind::plain)
    pipe.put('x');
  by->start(slow);
  std::vector<device_call*> done;
  by->poll(done);
  if (kind != engine_kind::plain)
    writer = std::thread{[&] { pipe.put('x'); }};
  by.reset();
  CHECK(made == 100);
  CHECK(slow.times() == 1);
  CHECK(byte == 'x');
  if (writer.joinable())
    writer.join();
}

TEST_CASE("an engine without memory does not start a call") {
  auto kind = each_kind();
  CAPTURE(static_cast<int>(kind));
  auto by = make_engine(kind, 2);
  SKIP_WITHOUT(by)
  calls all;
  size_t started = 0;
  for (int i = 0; i < 300; ++i) {
    all.push_back(std::make_unique<counted_call>([] { return 1; }));
    auto has_started = true;
    try {
      kit::no_memory scope;
      by->start(*all.back());
    } catch (const std::bad_alloc&) {
      has_started = false;
    }
    if (!has_started) {
      CHECK(all.back()->times() == 0);
      by->start(*all.back());
    }
    ++started;
  }
  finish(*by, started);
  for (auto& call : all)
    REQUIRE(call->times() == 1);
}

// -- interruption -------------------------------------------------------------

TEST_CASE("an interruption ends the next wait, and only that") {
  auto kind = each_waiting_kind();
  CAPTURE(static_cast<int>(kind));
  auto by = make_engine(kind, 2);
  SKIP_WITHOUT(by)
  pipe_pair pipe;
  char byte = 0;
  auto into = std::as_writable_bytes(std::span{&byte, 1});
  counted_call slow{
    [&] { return outcome_of(::read(pipe.reader->get(), &byte, 1)); },
    read_request{pipe.reader->get(), 0, into}};
  by->start(slow);
  std::vector<device_call*> done;
  for (int i = 0; i < 100; ++i) {
    by->interrupt();
    // Does not use up the interruption.
    by->poll(done);
    if (i % 2 == 0)
      by->interrupt();
    by->wait(done);
    REQUIRE(done.empty());
  }
  std::thread writer{[&] { pipe.put('y'); }};
  by->wait(done);
  writer.join();
  CHECK(done == std::vector<device_call*>{&slow});
  CHECK(byte == 'y');
}

TEST_CASE("another thread interrupts a wait") {
  auto kind = each_waiting_kind();
  CAPTURE(static_cast<int>(kind));
  auto by = make_engine(kind, 2);
  SKIP_WITHOUT(by)
  pipe_pair pipe;
  char byte = 0;
  auto into = std::as_writable_bytes(std::span{&byte, 1});
  counted_call slow{
    [&] { return outcome_of(::read(pipe.reader->get(), &byte, 1)); },
    read_request{pipe.reader->get(), 0, into}};
  by->start(slow);
  std::vector<device_call*> done;
  // One interruption for each wait: if one were lost, a wait would not end.
  constexpr int count = 2000;
  std::atomic<int> waits = 0;
  std::thread other{[&] {
    for (int i = 0; i < count; ++i) {
      by->interrupt();
      while (waits <= i)
        std::this_thread::yield();
    }
  }};
  while (waits < count) {
    by->wait(done);
    ++waits;
  }
  other.join();
  CHECK(done.empty());
  pipe.put('z');
  finish(*by, 1);
  CHECK(byte == 'z');
}

// -- threads ------------------------------------------------------------------

TEST_CASE("as many calls as there are threads wait together") {
  constexpr size_t count = 16;
  auto by = make_engine(engine_kind::threads, count);
  for (int turn = 0; turn < 20; ++turn) {
    std::latch all_wait{count};
    calls all;
    for (size_t i = 0; i < count; ++i) {
      all.push_back(std::make_unique<counted_call>([&] {
        all_wait.arrive_and_wait();
        return 0;
      }));
      by->start(*all.back());
    }
    finish(*by, count);
    for (auto& call : all)
      REQUIRE(call->times() == 1);
  }
}

TEST_CASE("calls started one by one wait together in threads") {
  constexpr size_t count = 16;
  auto by = make_engine(engine_kind::threads, count);
  std::latch all_wait{count};
  calls all;
  std::vector<device_call*> done;
  for (size_t i = 0; i < count; ++i) {
    all.push_back(std::make_unique<counted_call>([&] {
      all_wait.arrive_and_wait();
      return 0;
    }));
    by->start(*all.back());
    by->poll(done);
  }
  while (done.size() < count)
    by->wait(done);
}

TEST_CASE("no more threads than the depth make calls") {
  constexpr int depth = 3;
  auto by = make_engine(engine_kind::threads, depth);
  std::atomic<int> running = 0;
  std::atomic<int> most = 0;
  calls all;
  for (int i = 0; i < 200; ++i) {
    all.push_back(std::make_unique<counted_call>([&] {
      auto now = ++running;
      for (auto seen = most.load(); seen < now;)
        most.compare_exchange_weak(seen, now);
      std::this_thread::yield();
      --running;
      return 0;
    }));
    by->start(*all.back());
  }
  finish(*by, all.size());
  CHECK(most <= depth);
}

TEST_CASE("signals do not reach the threads of an engine") {
  auto by = make_engine(engine_kind::threads, 1);
  auto call = plain_call([] {
    sigset_t blocked;
    sigemptyset(&blocked);
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    return sigismember(&blocked, SIGTERM) + sigismember(&blocked, SIGUSR1);
  });
  make(*by, call);
  CHECK(call.result == 2);
}

TEST_CASE("an engine without threads makes calls itself") {
  auto threads = elsewhere([] {
    // Threads use clone3(2), and clone(2) if that is missing.
    if (!refuse_system_call(SYS_clone3) || !refuse_system_call(SYS_clone))
      return std::vector<std::thread::id>{};
    auto by = make_engine(engine_kind::threads, 2);
    std::vector<std::thread::id> made_by;
    auto call = plain_call([&] {
      made_by.push_back(std::this_thread::get_id());
      by->interrupt();
      return 0;
    });
    auto other = call;
    by->start(call);
    by->start(other);
    finish(*by, 2);
    made_by.push_back(std::this_thread::get_id());
    return made_by;
  });
  REQUIRE(threads.size() == 3);
  CHECK(threads[0] == threads[2]);
  CHECK(threads[1] == threads[2]);
}

// -- io_uring -----------------------------------------------------------------

TEST_CASE("the kernel makes described calls, and the ring makes the others") {
  auto by = ring_engine::make(4);
  SKIP_WITHOUT(by)
  kit::temp_dir dir;
  write_text(dir / "f", "abc");
  auto file = open_file(dir / "f", O_RDONLY | O_NONBLOCK);
  char byte = 0;
  auto into = std::as_writable_bytes(std::span{&byte, 1});
  auto read = call_of(read_request{file.get(), 2, into});
  make(*by, read);
  CHECK(read.taken == 1);
  CHECK(byte == 'c');
  auto refused = call_of(read_request{-1, 2, into});
  make(*by, refused);
  CHECK(refused.taken == 1);
  auto other = plain_call([] { return 5; });
  by->start(other);
  CHECK(other.runs == 1);
  CHECK(finish(*by, 1).size() == 1);
  CHECK(!by->has_failed());
}

TEST_CASE("calls that the kernel makes wait together") {
  constexpr size_t count = 16;
  auto by = ring_engine::make(count);
  SKIP_WITHOUT(by)
  // The kernel completes each read only after a byte for it was written, and
  // the bytes are written in the reverse order.
  std::vector<pipe_pair> pipes(count);
  std::string bytes(count, '-');
  calls all;
  std::vector<device_call*> done;
  for (size_t i = 0; i < count; ++i) {
    auto into = std::as_writable_bytes(std::span{&bytes[i], 1});
    read_request request{pipes[i].reader->get(), 0, into};
    all.push_back(
      std::make_unique<counted_call>([] { return -ENOTSUP; }, request));
    by->start(*all.back());
  }
  by->poll(done);
  CHECK(done.empty());
  for (size_t i = count; i > 0; --i) {
    pipes[i - 1].put('p');
    auto next = finish(*by, 1);
    REQUIRE(next == std::vector<device_call*>{all[i - 1].get()});
  }
  CHECK(bytes == std::string(count, 'p'));
}

TEST_CASE("the ring passes no more calls to the kernel than its depth") {
  auto by = ring_engine::make(1);
  SKIP_WITHOUT(by)
  pipe_pair pipe;
  char bytes[2] = {};
  auto request = [&](size_t i) {
    return read_request{pipe.reader->get(), 0,
                        std::as_writable_bytes(std::span{&bytes[i], 1})};
  };
  counted_call first{[] { return 0; }, request(0)};
  counted_call second{[] { return 0; }, request(1)};
  by->start(first);
  by->start(second);
  pipe.put('1');
  pipe.put('2');
  finish(*by, 2);
  CHECK(std::string(bytes, 2) == "12");
}

TEST_CASE("what the kernel cannot do without waiting, its threads do") {
  auto by = ring_engine::make(4);
  SKIP_WITHOUT(by)
  // The files of procfs do not support reads that do not wait, as those of some
  // file systems with a device.
  auto file = open_file("/proc/self/comm", O_RDONLY | O_NONBLOCK);
  std::string text(100, '-');
  auto into = std::as_writable_bytes(std::span{text});
  auto read = call_of(read_request{file.get(), 0, into});
  make(*by, read);
  CHECK(read.taken == 1);
  CHECK(read.result > 0);
}

TEST_CASE("what the ring cannot do, the system call does") {
  auto by = ring_engine::make(4);
  SKIP_WITHOUT(by)
  kit::temp_dir dir;
  write_text(dir / "f", std::string(8192, 'x'));
  descriptor file{::open((dir / "f").c_str(), O_RDONLY | O_DIRECT | O_CLOEXEC)};
  if (file.get() == -1) {
    WARN("skipped: the file system of the test has no O_DIRECT");
    return;
  }
  std::string text(600, '-');
  auto into = std::as_writable_bytes(std::span{text});
  // The offset and size are not those of blocks.
  auto read = call_of(read_request{file.get(), 1, into.subspan(1)});
  by->start(read);
  finish(*by, 1);
  CHECK(read.taken == 0);
  CHECK(read.runs == 1);
  CHECK(read.result == -EINVAL);
}

TEST_CASE("threads can use a ring one after the other") {
  auto by = ring_engine::make(4);
  SKIP_WITHOUT(by)
  pipe_pair pipe;
  char byte = 0;
  auto into = std::as_writable_bytes(std::span{&byte, 1});
  counted_call slow{
    [&] { return outcome_of(::read(pipe.reader->get(), &byte, 1)); },
    read_request{pipe.reader->get(), 0, into}};
  std::vector<device_call*> done;
  // The kernel cancels what a thread passed to it when the thread ends: also
  // the poll for interruptions.
  std::thread{[&] {
    by->interrupt();
    by->wait(done);
    by->start(slow);
    by->poll(done);
  }}.join();
  pipe.put('t');
  by->interrupt();
  while (done.empty())
    by->wait(done);
  CHECK(slow.times() == 1);
  CHECK(byte == 't');
  CHECK(!by->has_failed());
}

TEST_CASE("there is no ring where a sandbox refuses it") {
  if (!ring_engine::make(4))
    WARN("this machine does not allow io_uring anyway");
  for (auto call :
       {SYS_io_uring_setup, SYS_io_uring_enter, SYS_io_uring_register}) {
    CAPTURE(call);
    CHECK(elsewhere([&] {
      return refuse_system_call(call)
          && make_engine(engine_kind::ring, 4) == nullptr;
    }));
  }
}

TEST_CASE("a ring that fails loses no call") {
  auto by = ring_engine::make(2);
  SKIP_WITHOUT(by)
  pipe_pair pipe;
  char byte = 0;
  auto into = std::as_writable_bytes(std::span{&byte, 1});
  counted_call in_kernel{[] { return -ENOTSUP; },
                         read_request{pipe.reader->get(), 0, into}};
  kit::temp_dir dir;
  write_text(dir / "f", "abc");
  auto file = open_file(dir / "f");
  char other = 0;
  auto sync = call_of(sync_request{file.get(), true});
  // More than have a place.
  std::vector<counted_call> reads(
    5, call_of(read_request{file.get(), 1,
                            std::as_writable_bytes(std::span{&other, 1})}));
  auto works = elsewhere([&] {
    std::vector<device_call*> done;
    by->start(in_kernel);
    by->poll(done);
    for (auto& read : reads)
      by->start(read);
    if (!done.empty() || !refuse_system_call(SYS_io_uring_enter))
      return false;
    while (done.size() < 5)
      by->wait(done);
    by->interrupt();
    by->wait(done);
    by->start(sync);
    while (done.size() < 6)
      by->wait(done);
    pipe.put('k');
    while (done.size() < 7)
      by->wait(done);
    return by->has_failed() && by->kind() == engine_kind::ring;
  });
  CHECK(works);
  CHECK(in_kernel.taken == 1);
  CHECK(in_kernel.runs == 0);
  CHECK(byte == 'k');
  for (auto& read : reads) {
    CHECK(read.runs == 1);
    CHECK(read.taken == 0);
    CHECK(read.result == 1);
  }
  CHECK(other == 'b');
  CHECK(sync.runs == 1);
}
