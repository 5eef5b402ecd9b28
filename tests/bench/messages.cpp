// The cost of messages alone, without a disk.
#include "contestants.hpp"
#include "host.hpp"
#include "requester.hpp"

namespace bench {

namespace {

struct echo_trait {
  using signatures = cafx::type_list<caf::result<bool>(spindle::file_exists)>;
};
using echo = cafx::typed_actor<echo_trait>;

/// Answers at once.
class echo_state {
public:
  explicit echo_state(cafx::self_ptr<echo>) {}

  echo::behavior_type make_behavior() {
    return {
      [](const spindle::file_exists&) -> caf::result<bool> { return true; },
    };
  }
};

} // namespace

contestant messages(std::shared_ptr<host> where, size_t window, bool detached) {
  auto name = "CAF messages, window " + std::to_string(window);
  return {detached ? name + ", detached" : name,
          [where, window, detached](const workload& work) {
            using impl = cafx::actor_of<echo_state>;
            auto& sys = where->system();
            echo other
              = detached ? sys.spawn<impl, caf::detached>() : sys.spawn<impl>();
            auto make = [&](size_t i) {
              return spindle::file_exists{.path = work.path(i)};
            };
            run_requests(sys, other, make, work.ops(), window);
            caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
          }};
}

} // namespace bench
