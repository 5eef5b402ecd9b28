// One actor that executes the requests itself, without a queue.
#include "contestants.hpp"
#include "host.hpp"
#include "requester.hpp"

namespace bench {

namespace {

struct disk_only_trait {
  using signatures
    = cafx::type_list<caf::result<bool>(spindle::file_exists),
                      caf::result<void>(spindle::file_write),
                      caf::result<spindle::buffer>(spindle::file_read),
                      caf::result<void>(spindle::file_delete),
                      caf::result<void>(spindle::file_rename),
                      caf::result<spindle::oplist_report>(spindle::oplist)>;
};
using disk_only = cafx::typed_actor<disk_only_trait>;

/// Makes the system calls of `do_action` for one file of the workload after the
/// other, whatever path a request names.
class disk_only_state {
public:
  disk_only_state(cafx::self_ptr<disk_only>, const workload& work)
      : work_(work) {}

  disk_only::behavior_type make_behavior() {
    return {
      [this](const spindle::file_exists&) -> caf::result<bool> {
        act();
        return true;
      },
      [this](const spindle::file_write&) -> caf::result<void> {
        act();
        return caf::unit;
      },
      [this](const spindle::file_read&) -> caf::result<spindle::buffer> {
        return act();
      },
      [this](const spindle::file_delete&) -> caf::result<void> {
        act();
        return caf::unit;
      },
      [this](const spindle::file_rename&) -> caf::result<void> {
        act();
        return caf::unit;
      },
      [this](
        const spindle::oplist& list) -> caf::result<spindle::oplist_report> {
        spindle::oplist_report res;
        for (size_t i = 0; i < list.entries.size(); ++i)
          res.entries.push_back({spindle::outcome{.result = act_in_list()}});
        return res;
      },
    };
  }

private:
  spindle::buffer act() {
    if (work_.what() != action::read) {
      do_action(work_, next_++, nullptr);
      return {};
    }
    auto bytes = spindle::buffer::allocate(file_size);
    do_action(work_, next_++, reinterpret_cast<char*>(bytes.get()));
    return {std::move(bytes), file_size};
  }

  spindle::output act_in_list() {
    auto content = act();
    if (work_.what() == action::read)
      return content;
    return spindle::done{};
  }

  const workload& work_;
  size_t next_ = 0;
};

/// Spawns such an actor for a workload. It blocks, so it has a thread of its
/// own.
template <class Request>
void with_disk_only(host& where, const workload& work, Request request) {
  disk_only other
    = where.system().spawn<cafx::actor_of<disk_only_state>, caf::detached>(
      work);
  request(other);
  caf::anon_send_exit(other, caf::exit_reason::user_shutdown);
}

} // namespace

contestant bare_actor_requests(std::shared_ptr<host> where, size_t window) {
  return {"bare actor, window " + std::to_string(window),
          [where, window](const workload& work) {
            with_disk_only(*where, work, [&](const disk_only& other) {
              request_singly(where->system(), other, work, window);
            });
          }};
}

contestant bare_actor_oplists(std::shared_ptr<host> where, size_t length,
                              size_t window) {
  return {"bare actor, oplists, window " + std::to_string(window),
          [where, length, window](const workload& work) {
            with_disk_only(*where, work, [&](const disk_only& other) {
              request_in_lists(where->system(), other, work, length, window);
            });
          }};
}

} // namespace bench
