#include "spindle/node/submissions.hpp"

#include "spindle/node/volume_path.hpp"

#include <utility>
#include <variant>

namespace spindle {

void submissions::add(ticket id, std::shared_ptr<job> what,
                      std::vector<callback> callbacks) {
  pending_[id] = {std::move(what), std::move(callbacks)};
}

bool submissions::finish(const outcome& x) {
  return finish_any(x);
}

bool submissions::finish(const oplist_report& x) {
  return finish_any(x);
}

template <class Result>
bool submissions::finish_any(const Result& x) {
  auto found = pending_.extract(x.ticket);
  if (found.empty())
    return false;
  notify(found.mapped(), x);
  return true;
}

void submissions::fail_all(const failure& why) {
  for (auto& [id, one] : std::exchange(pending_, {})) {
    auto& failed = *one.what;
    refuse(failed, why.code, why.detail);
    if (auto* op = std::get_if<operation>(&failed.what)) {
      notify(one, outcome{id, without_payload(*op),
                          std::move(failed.answers.front())});
    } else {
      // A report takes the answers out of the list, so it is made once.
      auto report = make_report(failed);
      set_ticket(report, id);
      notify(one, report);
    }
  }
}

void submissions::add_undone(std::vector<undone>& to) const {
  for (const auto& [id, one] : pending_) {
    auto what = describe(*one.what, true);
    what.ticket = id;
    to.push_back(std::move(what));
  }
}

void submissions::notify(submission& one, const outcome& x) {
  auto who = std::exchange(one.what->who, std::monostate{});
  if (auto* remote = std::get_if<callback>(&who))
    cafx::anon_mail(x).send(*remote);
  else if (auto* local = std::get_if<local_callback>(&who))
    callbacks_threw_ += !(*local)(x);
}

void submissions::notify(submission& one, const oplist_report& x) {
  auto who = std::exchange(one.what->who, std::monostate{});
  tell_callbacks(one.callbacks, x);
  if (auto* remote = std::get_if<list_callback>(&who))
    cafx::anon_mail(x).send(*remote);
  else if (auto* local = std::get_if<local_list_callback>(&who))
    callbacks_threw_ += !(*local)(x);
}

} // namespace spindle
