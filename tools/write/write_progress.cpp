#include "write/write_progress.hpp"

#include "write/write_text.hpp"

#include "spindle/message/internal/queue.hpp"

#include <utility>

namespace spindle::tool {

namespace {

class progress_state {
public:
  static constexpr const char* name = "spindle.write-progress";

  progress_state(cafx::self_ptr<progress_receiver> self,
                 std::shared_ptr<byte_progress> where,
                 std::optional<uint64_t> total)
      : self_(self), where_(std::move(where)), total_(total) {}

  progress_receiver::behavior_type make_behavior() {
    return {
      [this](const writer_status& x) -> caf::result<void> {
        // References on other nodes would keep this actor alive.
        if (x.finished)
          self_->quit();
        else if (x.started_writing)
          where_->show(figures_of(x, total_));
        return caf::unit;
      },
    };
  }

private:
  cafx::self_ptr<progress_receiver> self_;
  std::shared_ptr<byte_progress> where_;
  std::optional<uint64_t> total_;
};

} // namespace

void show_progress(caf::actor_system& sys, const writer_actor& writer,
                   std::shared_ptr<byte_progress> where,
                   std::optional<uint64_t> total) {
  auto interval = where->interval();
  // Detached, because a write to a terminal may block.
  auto shower = sys.spawn<cafx::actor_of<progress_state>, caf::detached>(
    std::move(where), total);
  cafx::anon_mail(subscribe_progress{shower, interval}).send(writer);
}

} // namespace spindle::tool
