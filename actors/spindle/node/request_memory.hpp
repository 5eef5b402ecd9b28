// Remembers requests, so that a node does each of them once.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/outcome.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace spindle {

/// The answer to a request that has an id.
using remembered_answer = std::variant<answer, oplist_report>;

/// The last requests of one client. `Waiting` gets an answer. Not thread-safe.
///
/// A client numbers its requests in ascending order. Those that are older than
/// the ones that are remembered are refused, since it is not known whether they
/// were done.
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

  /// @param window how many requests are remembered.
  /// @param max_bytes that their answers may take; the oldest are forgotten if
  ///                  they take more.
  request_memory(size_t window, uint64_t max_bytes)
      : window_(window), max_bytes_(max_bytes) {}

  /// Decides on a request, and remembers it if it is new.
  /// @param is_list whether it is an oplist, which has another kind of answer.
  verdict admit(uint64_t sequence, bool is_list = false) {
    if (auto i = entries_.find(sequence); i != entries_.end()) {
      if (i->second.is_list != is_list)
        return verdict::mistaken;
      return i->second.result ? verdict::answer : verdict::wait;
    }
    if (sequence <= horizon_)
      return verdict::expired;
    entries_[sequence].is_list = is_list;
    forget();
    return verdict::run;
  }

  /// Remembers who waits for the answer of a pending request.
  void wait(uint64_t sequence, Waiting who) {
    entries_.at(sequence).waiting.push_back(std::move(who));
  }

  /// Returns the answer of a request that was done.
  const remembered_answer& answer_of(uint64_t sequence) const {
    return *entries_.at(sequence).result;
  }

  /// Remembers an answer.
  /// @param bytes what it takes.
  /// @returns those who wait for it.
  std::vector<Waiting> finish(uint64_t sequence, remembered_answer result,
                              uint64_t bytes) {
    auto i = entries_.find(sequence);
    if (i == entries_.end())
      return {};
    i->second.result = std::move(result);
    i->second.bytes = bytes;
    bytes_ += bytes;
    auto res = std::exchange(i->second.waiting, {});
    forget();
    return res;
  }

  /// Forgets a request that was refused before anything was done, so that it
  /// may be repeated.
  /// @returns those who wait for its answer.
  std::vector<Waiting> drop(uint64_t sequence) {
    auto i = entries_.find(sequence);
    if (i == entries_.end())
      return {};
    auto res = std::move(i->second.waiting);
    entries_.erase(i);
    return res;
  }

  /// Forgets who waits for answers.
  /// @returns all of them.
  std::vector<Waiting> take_waiting() {
    std::vector<Waiting> res;
    for (auto& [sequence, one] : entries_)
      for (auto& who : std::exchange(one.waiting, {}))
        res.push_back(std::move(who));
    return res;
  }

  /// Returns how many requests are remembered.
  size_t size() const {
    return entries_.size();
  }

private:
  struct entry {
    bool is_list = false;
    std::optional<remembered_answer> result;
    uint64_t bytes = 0;
    std::vector<Waiting> waiting;
  };

  /// Forgets the oldest requests that are beyond a limit, up to one that is
  /// pending.
  void forget() {
    while (!entries_.empty() && entries_.begin()->second.result
           && (entries_.size() > window_ || bytes_ > max_bytes_)) {
      auto oldest = entries_.begin();
      horizon_ = oldest->first;
      bytes_ -= oldest->second.bytes;
      entries_.erase(oldest);
    }
  }

  size_t window_;
  uint64_t max_bytes_;
  uint64_t bytes_ = 0;
  /// Requests up to this number are forgotten, unless they are in `entries_`.
  uint64_t horizon_ = 0;
  std::map<uint64_t, entry> entries_;
};

} // namespace spindle
