// Remembers requests, so that a node does each of them once.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/outcome.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <variant>
#include <vector>

namespace spindle {

/// The answer to a request that has an id.
using remembered_answer = std::variant<answer, oplist_report>;

/// How many answers are remembered of one client. The oldest are forgotten
/// first.
struct memory_limits {
  size_t answers = 0;
  /// What they may take.
  uint64_t bytes = 0;
};

/// The last requests of one client. `Waiting` gets an answer. Not thread-safe.
///
/// A client numbers its requests in ascending order. Those that are older than
/// an answer that was forgotten are refused, unless they are pending, since it
/// is not known whether they were done.
template <class Waiting>
class request_memory {
public:
  /// What to do with a request.
  enum class verdict : uint8_t {
    /// Do it: it is new.
    run,
    /// Wait: it is pending.
    wait,
    /// Answer it with `answer_of`.
    answer,
    /// Refuse it: it is too old.
    expired,
    /// Refuse it: its number belongs to a request of another kind.
    mistaken,
  };

  /// Decides on a request, and remembers it if it is new.
  /// @param is_list whether it is an oplist, which has another kind of answer.
  verdict admit(uint64_t sequence, bool is_list = false) {
    if (auto i = pending_.find(sequence); i != pending_.end())
      return i->second.is_list == is_list ? verdict::wait : verdict::mistaken;
    if (auto i = done_.find(sequence); i != done_.end())
      return std::holds_alternative<oplist_report>(i->second.result) == is_list
             ? verdict::answer
             : verdict::mistaken;
    if (sequence <= horizon_)
      return verdict::expired;
    pending_[sequence].is_list = is_list;
    return verdict::run;
  }

  /// Remembers who waits for the answer of a pending request.
  void wait(uint64_t sequence, Waiting who) {
    pending_.at(sequence).waiting.push_back(std::move(who));
  }

  /// Returns the answer of a request that was done.
  const remembered_answer& answer_of(uint64_t sequence) const {
    return done_.at(sequence).result;
  }

  /// Remembers an answer, and forgets those that are beyond the limits then.
  /// @param bytes what it takes.
  /// @returns those who wait for it.
  std::vector<Waiting> finish(uint64_t sequence, remembered_answer result,
                              uint64_t bytes, const memory_limits& most) {
    auto found = pending_.extract(sequence);
    if (found.empty())
      return {};
    done_.emplace(sequence, done_request{std::move(result), bytes});
    bytes_ += bytes;
    forget(most);
    return std::move(found.mapped().waiting);
  }

  /// Forgets a request that was refused before anything was done, so that it
  /// may be repeated.
  /// @returns those who wait for its answer.
  std::vector<Waiting> drop(uint64_t sequence) {
    auto found = pending_.extract(sequence);
    if (found.empty())
      return {};
    return std::move(found.mapped().waiting);
  }

  /// Forgets who waits for answers.
  /// @returns all of them.
  std::vector<Waiting> take_waiting() {
    std::vector<Waiting> res;
    for (auto& [sequence, one] : pending_)
      for (auto& who : std::exchange(one.waiting, {}))
        res.push_back(std::move(who));
    return res;
  }

  /// Returns how many requests are remembered.
  size_t size() const {
    return pending_.size() + done_.size();
  }

private:
  struct pending_request {
    bool is_list = false;
    std::vector<Waiting> waiting;
  };

  struct done_request {
    remembered_answer result;
    uint64_t bytes = 0;
  };

  /// Forgets the oldest answers that are beyond a limit.
  void forget(const memory_limits& most) {
    while (done_.size() > most.answers || bytes_ > most.bytes) {
      auto oldest = done_.begin();
      horizon_ = std::max(horizon_, oldest->first);
      bytes_ -= oldest->second.bytes;
      done_.erase(oldest);
    }
  }

  /// Limited in number by what a client may have pending at all.
  std::map<uint64_t, pending_request> pending_;
  std::map<uint64_t, done_request> done_;
  /// What `done_` takes.
  uint64_t bytes_ = 0;
  /// The latest request whose answer was forgotten.
  uint64_t horizon_ = 0;
};

} // namespace spindle
