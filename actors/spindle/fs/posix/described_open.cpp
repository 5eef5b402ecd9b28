#include "spindle/fs/posix/described_open.hpp"

#include <utility>

namespace spindle::fs::posix {

void described_open::take_result(int outcome) noexcept {
  if (outcome < 0) {
    auto sys_errno = -outcome;
    return keep(fail(is_confined_ ? translated(sys_errno) : sys_errno));
  }
  descriptor opened{outcome};
  keep_made([&] { return wrap_(std::move(opened)); });
}

} // namespace spindle::fs::posix
