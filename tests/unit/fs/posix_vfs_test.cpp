// Behaviour that only the real file system has.

#include "catch.hpp"
#include "vfs_disks.hpp"

#include <atomic>
#include <csignal>
#include <cstring>
#include <functional>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace spindle;
using namespace spindle::fs;
using namespace std::chrono_literals;

using kit::bytes_of;
using kit::error_of;
using kit::read_text;
using kit::value_of;

namespace {

constexpr open_options to_write_only{.read = false, .write = true};

/// Returns the open descriptors of this process.
std::vector<int> descriptors() {
  std::vector<int> numbers;
  for (auto& entry : std::filesystem::directory_iterator{"/proc/self/fd"})
    numbers.push_back(std::stoi(entry.path().filename()));
  // Leaves out the descriptor that listed the others; it is closed now.
  std::erase_if(numbers,
                [](int number) { return ::fcntl(number, F_GETFD) == -1; });
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

bool is_pending(int signal) {
  sigset_t pending;
  sigemptyset(&pending);
  sigpending(&pending);
  return sigismember(&pending, signal) == 1;
}

bool is_blocked(int signal) {
  sigset_t blocked;
  sigemptyset(&blocked);
  pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  return sigismember(&blocked, signal) == 1;
}

/// Creates a FIFO whose reader is closed again; returns its writing end.
file_ptr writer_without_reader(kit::disk& on) {
  on.make_fifo("p");
  auto reader = value_of(on.open("p"));
  return value_of(on.open("p", to_write_only));
}

/// Runs `function` in a child process without privileges.
/// @returns its result.
int as_ordinary_user(const std::function<int()>& function) {
  auto child = ::fork();
  if (child == 0) {
    const gid_t nobody = 65534;
    if (::geteuid() == 0
        && (::setgroups(0, nullptr) == -1 || ::setegid(nobody) == -1
            || ::seteuid(nobody) == -1))
      ::_exit(255);
    ::_exit(function());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

} // namespace

// -- descriptors --------------------------------------------------------------

TEST_CASE("descriptors are closed with their objects and on exec") {
  kit::disk on{"posix"};
  on.put("f", "abc");
  auto before = descriptors();
  {
    auto file = value_of(on.open("f"));
    auto directory = value_of(on.open_directory("."));
    for (auto number : descriptors()) {
      auto is_new = !std::binary_search(before.begin(), before.end(), number);
      if (is_new)
        CHECK((::fcntl(number, F_GETFD) & FD_CLOEXEC) != 0);
    }
    CHECK(descriptors().size() == before.size() + 2);
    value_of(file->close());
    CHECK(error_of(file->stat()) == EBADF);
    value_of(on.files().disk_space(on.base(), "f"));
  }
  CHECK(descriptors() == before);
}

TEST_CASE("the start is the working directory at the time of use") {
  kit::disk on{"posix"};
  on.put("f", "abc");
  auto before = std::filesystem::current_path();
  auto& start = on.files().start();
  std::filesystem::current_path(on.path());
  auto found = on.files().stat(start, "f", true);
  std::filesystem::current_path(before);
  CHECK(error_of(found) == 0);
}

// -- devices, sockets ---------------------------------------------------------

TEST_CASE("devices keep their own behaviour") {
  kit::disk on{"posix"};
  auto full = value_of(on.open("/dev/full", {.write = true}));
  CHECK(error_of(full->write(bytes_of("x"))) == ENOSPC);
  CHECK(full->stat()->type == file_type::character_device);
  auto null = value_of(on.open("/dev/null", {.write = true}));
  CHECK(null->write(bytes_of("abc")) == 3);
  CHECK(read_text(*null, 3) == "");
  auto zero = value_of(on.open("/dev/zero"));
  CHECK(read_text(*zero, 3) == std::string(3, '\0'));
}

TEST_CASE("a socket cannot be opened") {
  kit::disk on{"posix"};
  auto number = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  auto path = on.path() + "/s";
  REQUIRE(path.size() < sizeof(address.sun_path));
  std::strcpy(address.sun_path, path.c_str());
  REQUIRE(::bind(number, reinterpret_cast<sockaddr*>(&address), sizeof(address))
          == 0);
  CHECK(error_of(on.open("s")) == ENXIO);
  CHECK(on.stat("s")->type == file_type::socket);
  CHECK(kit::read_entries(on.base())
        == directory_listing{{"s", file_type::socket}});
  ::close(number);
}

TEST_CASE("a rename to another device fails") {
  kit::disk on{"posix"};
  auto there = std::filesystem::is_directory("/dev/shm")
               ? std::optional<kit::disk>{"posix in /dev/shm"}
               : std::nullopt;
  if (!there || there->stat(".")->device == on.stat(".")->device) {
    WARN("skipped: there is no second device");
    return;
  }
  on.put("f", "abc");
  CHECK(error_of(on.rename("f", there->path() + "/f")) == EXDEV);
  auto from = value_of(on.open("f"));
  there->put("g", "");
  auto to = value_of(there->open("g", {.write = true}));
  CHECK(error_of(to->clone_from(*from)) == EXDEV);
}

// -- signals ------------------------------------------------------------------

TEST_CASE("a write to a pipe without reader leaves no pending SIGPIPE") {
  kit::disk on{"posix"};
  auto writer = writer_without_reader(on);
  CHECK(error_of(writer->write(bytes_of("x"))) == EPIPE);
  CHECK(!is_pending(SIGPIPE));
  CHECK(!is_blocked(SIGPIPE));
  struct sigaction action {};
  ::sigaction(SIGPIPE, nullptr, &action);
  CHECK(action.sa_handler == SIG_DFL);
}

TEST_CASE("a SIGPIPE that was pending before stays pending") {
  kit::disk on{"posix"};
  auto writer = writer_without_reader(on);
  // In its own thread, so that the pending signal ends with the thread.
  std::thread other{[&] {
    sigset_t sigpipe;
    sigemptyset(&sigpipe);
    sigaddset(&sigpipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &sigpipe, nullptr);
    pthread_kill(pthread_self(), SIGPIPE);
    CHECK(error_of(writer->write(bytes_of("x"))) == EPIPE);
    CHECK(is_pending(SIGPIPE));
    CHECK(is_blocked(SIGPIPE));
  }};
  other.join();
}

TEST_CASE("signals do not end a wait") {
  kit::disk on{"posix"};
  on.make_fifo("p");
  auto both = value_of(on.open("p", {.write = true}));
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) {};
  ::sigaction(SIGUSR1, &action, &before);
  std::atomic<bool> waiting = true;
  std::thread disturber{[&, target = pthread_self()] {
    while (waiting) {
      pthread_kill(target, SIGUSR1);
      std::this_thread::yield();
    }
  }};
  auto until = std::chrono::steady_clock::now() + 50ms;
  auto ready = both->wait_ready(false, until);
  auto after = std::chrono::steady_clock::now();
  waiting = false;
  disturber.join();
  ::sigaction(SIGUSR1, &before, nullptr);
  CHECK(ready == false);
  CHECK(after >= until);
}

// -- permissions --------------------------------------------------------------

TEST_CASE("missing permissions are EACCES or EPERM") {
  kit::disk on{"posix"};
  on.put("secret", "abc");
  value_of(on.make_directory("closed", 0755));
  on.put("closed/f", "abc");
  value_of(on.files().set_permissions(on.base(), "secret", 0));
  value_of(on.files().set_permissions(on.base(), "closed", 0));
  auto denied = [&](auto call) {
    return as_ordinary_user([&] { return error_of(call()); });
  };
  CHECK(denied([&] { return on.open("secret"); }) == EACCES);
  CHECK(denied([&] { return on.open("closed/f"); }) == EACCES);
  CHECK(denied([&] { return on.stat("closed/f"); }) == EACCES);
  CHECK(denied([&] { return on.open_directory("closed"); }) == EACCES);
  CHECK(denied([&] { return on.make_directory("closed/d"); }) == EACCES);
  CHECK(denied([&] { return on.remove_file("closed/f"); }) == EACCES);
  CHECK(denied([&] { return on.rename("closed/f", "f"); }) == EACCES);
  CHECK(denied([&] { return on.make_link("f", "closed/l"); }) == EACCES);
  CHECK(denied([&] { return on.read_link("closed/f"); }) == EACCES);
  CHECK(denied([&] {
          return on.files().set_permissions(on.base(), "/etc/passwd", 0777);
        })
        == EPERM);
  // Otherwise, the temporary directory could not be removed.
  value_of(on.files().set_permissions(on.base(), "closed", 0700));
}
