#include "cli/queue_disk.hpp"

#include "cli/disk_path.hpp"

#include <future>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

namespace spindle::tool {

namespace {

/// Returns whether the duration grows with the size of the file or tree.
bool is_long(const operation& what) {
  return std::holds_alternative<file_copy>(what)
      || std::holds_alternative<file_move>(what)
      || std::holds_alternative<directory_copy>(what)
      || std::holds_alternative<directory_move>(what)
      || std::holds_alternative<directory_delete>(what);
}

} // namespace

failure failure_from(const caf::error& why) {
  if (auto res = failure_of(why))
    return *std::move(res);
  return {.code = errc::system_error,
          .detail = "no answer from the queue: " + to_string(why)};
}

pending_answer queue_disk::start(operation what) {
  return line_ && is_long(what) ? submit(std::move(what))
                                : request(std::move(what));
}

pending_answer queue_disk::submit(operation what) {
  auto path = path_of(what);
  auto done = std::make_shared<std::promise<answer>>();
  line_->begin();
  auto which = through_.submit(
    std::move(what), [done](const outcome& x) { done->set_value(x.result); });
  if (!which)
    return [why = failure_from(which.error())]() -> answer {
      return tl::unexpected{why};
    };
  return [this, done, which = *which, path] {
    auto result = done->get_future();
    while (result.wait_for(operation_line::interval)
           != std::future_status::ready)
      // No answer: the operation has just finished.
      if (auto now = through_.progress(which))
        line_->show(*now);
    line_->end(path);
    return result.get();
  };
}

pending_answer queue_disk::request(operation what) {
  return std::visit(
    [this](auto& op) -> pending_answer {
      auto started = through_.start(std::move(op));
      // std::function needs a copyable object, which a request is not.
      auto shared = std::make_shared<decltype(started)>(std::move(started));
      return [shared]() -> answer {
        auto res = (*shared)();
        if (!res)
          return tl::unexpected{failure_from(res.error())};
        if constexpr (std::is_same_v<decltype(res), caf::expected<void>>)
          return done{};
        else
          return std::move(*res);
      };
    },
    what);
}

bool queue_disk::has_volumes() const {
  return volumes_in_use();
}

} // namespace spindle::tool
