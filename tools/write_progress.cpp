#include "write_progress.hpp"

#include "write_text.hpp"

#include "spindle/actors.hpp"

#include <utility>

#include <unistd.h>

namespace spindle::tool {

namespace {

using namespace std::literals;

/// Back to the first column, then erase the rest of the line.
constexpr const char* erase = "\r\x1b[K";

class progress_state {
public:
  static constexpr const char* name = "spindle.write-progress";

  progress_state(cafx::self_ptr<progress_receiver>,
                 std::shared_ptr<write_progress> where)
      : where_(std::move(where)) {}

  progress_receiver::behavior_type make_behavior() {
    return {
      [this](const writer_status& x) -> caf::result<void> {
        where_->show(x);
        return caf::unit;
      },
    };
  }

private:
  std::shared_ptr<write_progress> where_;
};

} // namespace

write_progress::write_progress(int descriptor, std::optional<uint64_t> total)
    : descriptor_(descriptor),
      is_terminal_(::isatty(descriptor) == 1),
      total_(total) {}

caf::timespan write_progress::interval() const {
  return is_terminal_ ? caf::timespan{100ms} : caf::timespan{5s};
}

void write_progress::show(const writer_status& now) {
  std::unique_lock guard{mutex_};
  if (finished_ || now.finished || !now.started_writing)
    return;
  if (is_terminal_)
    ::dprintf(descriptor_, "%s%s", erase, progress_bar(now, total_).c_str());
  else
    ::dprintf(descriptor_, "%s\n", progress_text(now, total_).c_str());
}

void write_progress::finish(const std::string& what) {
  std::unique_lock guard{mutex_};
  finished_ = true;
  ::dprintf(descriptor_, "%s%s\n", is_terminal_ ? erase : "", what.c_str());
}

void show_progress(caf::actor_system& sys, const writer_actor& writer,
                   std::shared_ptr<write_progress> where) {
  auto interval = where->interval();
  // Detached, because a terminal may take nothing for a while.
  auto shower = sys.spawn<cafx::actor_of<progress_state>, caf::detached>(
    std::move(where));
  cafx::anon_mail(subscribe_progress{shower, interval}).send(writer);
}

} // namespace spindle::tool
