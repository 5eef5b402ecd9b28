// Opening a file for reading, as a call that the kernel can make by itself.
#pragma once

#include "spindle/fs/device_calls.hpp"
#include "spindle/fs/posix/beneath.hpp"
#include "spindle/fs/posix/posix_call.hpp"
#include "spindle/fs/posix/posix_file.hpp"

#include <string>

#include <linux/openat2.h>

namespace spindle::fs::posix {

/// Opens a file like `open_beneath` or openat(2).
class described_open final : public open_call {
public:
  /// Makes a file of a descriptor.
  using wrapper = file_ptr (*)(descriptor);

  /// @param is_confined whether the path must stay beneath `base`.
  /// @param wrap makes the result.
  described_open(vfs& disk, const directory& base, const std::string& path,
                 bool is_confined, wrapper wrap)
      : open_call(disk, base, path),
        base_number_(number_of(base)),
        how_(how_to_read(is_confined)),
        is_confined_(is_confined),
        wrap_(wrap) {}

  kernel_request describe() override {
    // `run` fails with the right error.
    if (defect_of(path_) != 0)
      return {};
    return open_request{base_number_, path_.c_str(), &how_};
  }

  void take_result(int outcome) noexcept override;

private:
  int base_number_;
  open_how how_;
  bool is_confined_;
  wrapper wrap_;
};

} // namespace spindle::fs::posix
