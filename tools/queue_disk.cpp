#include "queue_disk.hpp"

#include "disk_path.hpp"

#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace spindle::tool {

namespace {

/// Returns what went wrong, whether or not an operation is to blame.
failure reason_of(const caf::error& why) {
  if (auto res = failure_of(why))
    return *std::move(res);
  return {.code = errc::system_error,
          .detail = "no answer from the queue: " + to_string(why)};
}

} // namespace

pending_answer queue_disk::start(operation what) {
  return std::visit(
    [this](auto& op) -> pending_answer {
      auto started = through_.start(std::move(op));
      // A function object is copied, which a request may not be.
      auto shared = std::make_shared<decltype(started)>(std::move(started));
      return [shared]() -> answer {
        auto res = (*shared)();
        if (!res)
          return reason_of(res.error());
        if constexpr (std::is_same_v<decltype(res), caf::expected<void>>)
          return output{done{}};
        else
          return output{std::move(*res)};
      };
    },
    what);
}

bool queue_disk::has_volumes() const {
  return volumes_in_use();
}

} // namespace spindle::tool
