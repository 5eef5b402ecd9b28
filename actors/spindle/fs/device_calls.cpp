#include "spindle/fs/device_calls.hpp"

#include <memory>

namespace spindle::fs {

std::unique_ptr<open_call> vfs::opening(const directory& base,
                                        const std::string& path) {
  return std::make_unique<open_call>(*this, base, path);
}

} // namespace spindle::fs
