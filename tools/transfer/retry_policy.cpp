#include "transfer/retry_policy.hpp"

#include "text/file_text.hpp"

#include <algorithm>
#include <thread>

namespace spindle::tool {

std::chrono::seconds retry_policy::pause_before(uint64_t n) {
  constexpr uint64_t longest = 60;
  return std::chrono::seconds{
    n > 6 ? longest : std::min(longest, uint64_t{1} << (n - 1))};
}

bool retry_policy::recover(failure& why) {
  while (pause_after(why)) {
    auto made = reconnect_();
    if (made)
      return true;
    why = std::move(made.error());
  }
  return false;
}

bool retry_policy::pause_after(const failure& why) {
  if (why.code != errc::node_lost || failed_ >= most_)
    return false;
  auto pause = pause_before(++failed_);
  on_note_(reason_text(why) + "; trying again in "
           + std::to_string(pause.count()) + "s");
  std::this_thread::sleep_for(pause);
  return true;
}

} // namespace spindle::tool
