#include "depth/loop_disk.hpp"

#include "depth/program.hpp"
#include "depth/require.hpp"
#include "files.hpp"

#include "spindle/fs/posix/posix_call.hpp"

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <vector>

#include <fcntl.h>
#include <linux/loop.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace bench::depth {

namespace {

using spindle::fs::posix::descriptor;

/// mkfs.xfs refuses less than 300 MB.
constexpr uint64_t image_bytes = uint64_t{512} << 20;

descriptor open_device(const std::string& path) {
  descriptor res{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  require(res.get() != -1, path);
  return res;
}

/// Gives this thread, and whatever it starts from now on, mounts of their own,
/// which end with the last of them.
void isolate_mounts() {
  static const bool done = [] {
    require(::unshare(CLONE_NEWNS) == 0, "mounts of its own");
    require(::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0,
            "mounts of its own");
    return true;
  }();
  static_cast<void>(done);
}

/// Makes a file system in a file. All of its blocks are written, and stay so.
/// Otherwise, the file system below would allocate them while it is measured.
void make_image(const std::string& type, const std::string& path) {
  write_file(path, image_bytes);
  if (type == "ext4")
    run_program({"mkfs.ext4", "-q", "-F", "-E",
                 "nodiscard,lazy_itable_init=0,lazy_journal_init=0", path});
  else
    run_program({"mkfs.xfs", "-q", "-f", "-K", path});
}

/// A loop device, and its path.
struct loop_device {
  descriptor opened;
  std::string path;
};

/// Attaches a file to a free loop device, which detaches when nobody uses it
/// any more.
loop_device attach(const std::string& image) {
  auto file = open_device(image);
  auto control = open_device("/dev/loop-control");
  loop_config how{};
  how.fd = static_cast<uint32_t>(file.get());
  // Like a device, it does not cache what it writes.
  how.info.lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO;
  for (;;) {
    auto number = ::ioctl(control.get(), LOOP_CTL_GET_FREE);
    require(number >= 0, "a free loop device");
    auto path = "/dev/loop" + std::to_string(number);
    auto device = open_device(path);
    if (::ioctl(device.get(), LOOP_CONFIGURE, &how) == 0)
      return {std::move(device), path};
    // Somebody else may have been faster.
    require(errno == EBUSY, path);
  }
}

} // namespace

loop_disk::loop_disk(const std::string& type, const std::string& parent)
    : home_(parent) {
  if (::geteuid() != 0)
    throw std::runtime_error{"only root can mount it"};
  isolate_mounts();
  auto image = home_ / "image";
  make_image(type, image);
  auto device = attach(image);
  require(::unlink(image.c_str()) == 0, image);
  auto top = home_ / type;
  require(::mkdir(top.c_str(), 0700) == 0, top);
  require(::mount(device.path.c_str(), top.c_str(), type.c_str(), 0, nullptr)
            == 0,
          "mounting " + type);
  mounted_ = std::move(top);
}

loop_disk::~loop_disk() {
  if (::umount2(mounted_.c_str(), 0) != 0)
    ::umount2(mounted_.c_str(), MNT_DETACH);
}

} // namespace bench::depth
