#include "spindle/queue/writer_registry.hpp"

#include <set>
#include <utility>

namespace spindle {

namespace {

failure unusable(std::string detail) {
  return {.code = errc::invalid_argument,
          .operation = "profile",
          .detail = std::move(detail)};
}

std::string names_of(std::span<const profile> profiles) {
  std::string res;
  for (const auto& one : profiles)
    res += (res.empty() ? "" : ", ") + one.name;
  return res;
}

} // namespace

// -- constructors, destructors, and assignment operators ----------------------

writer_registry::writer_registry(std::vector<profile> profiles,
                                 size_t max_remembered)
    : profiles_(std::move(profiles)), max_remembered_(max_remembered) {}

// -- profiles -----------------------------------------------------------------

std::optional<profile> writer_registry::find(const profile_choice& choice,
                                             failure& why) const {
  if (choice.own) {
    if (auto defect = spindle::defect_of(*choice.own)) {
      why = unusable(*defect);
      return std::nullopt;
    }
    return choice.own;
  }
  if (auto* known = find_profile(profiles_, choice.name))
    return *known;
  why = unusable("there is no profile \"" + choice.name + "\"; there are "
                 + names_of(profiles_));
  return std::nullopt;
}

std::optional<failure>
writer_registry::defect_of(std::span<const profile> profiles) {
  std::set<std::string> names;
  for (const auto& one : profiles) {
    if (one.name.empty())
      return unusable("a profile has no name");
    if (!names.insert(one.name).second)
      return unusable("two profiles are called \"" + one.name + "\"");
    if (auto defect = spindle::defect_of(one))
      return unusable("profile \"" + one.name + "\": " + *defect);
  }
  return std::nullopt;
}

void writer_registry::use(std::vector<profile> profiles) {
  profiles_ = std::move(profiles);
  // A writer whose profile is gone keeps what it has.
  for (auto& [id, writer] : alive_)
    if (auto* changed = find_profile(profiles_, writer.profile))
      cafx::anon_mail(profile_changed{*changed}).send(writer.actor);
}

// -- writers ------------------------------------------------------------------

bool writer_registry::put(entry what) {
  auto [i, is_new] = alive_.try_emplace(what.actor.id());
  // A writer that asks for another profile may have told of its end.
  what.told = i->second.told;
  i->second = std::move(what);
  return is_new;
}

void writer_registry::remember(caf::actor_id id, writer_status last) {
  ++(last.error ? failed_ : succeeded_);
  if (auto i = alive_.find(id); i != alive_.end())
    i->second.told = true;
  if (ended_.insert_or_assign(id, std::move(last)).second)
    ended_order_.push_back(id);
  forget_first();
}

void writer_registry::limit_remembered(size_t count) {
  max_remembered_ = count;
  forget_first();
}

void writer_registry::forget_first() {
  while (ended_order_.size() > max_remembered_) {
    ended_.erase(ended_order_.front());
    ended_order_.pop_front();
  }
}

void writer_registry::remove(caf::actor_id id) {
  auto i = alive_.find(id);
  if (i == alive_.end())
    return;
  if (!i->second.told && !ended_.contains(id))
    remember(id, {.path = i->second.path,
                  .finished = true,
                  .error = failure{.code = errc::writer_lost,
                                   .operation = stream_step_name,
                                   .path = i->second.path,
                                   .detail = "the writer was killed"}});
  alive_.erase(i);
}

const writer_status* writer_registry::recall(caf::actor_id id) const {
  auto i = ended_.find(id);
  return i == ended_.end() ? nullptr : &i->second;
}

} // namespace spindle
