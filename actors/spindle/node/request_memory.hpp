// Lets a node do each request once, although it may be asked again and again.
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

/// What a node answers to a request that has an id.
using remembered_answer = std::variant<answer, oplist_report>;

/// The last requests of one client. `Waiting` is where an answer goes.
///
/// The numbers of a client grow. Once a request of number `n` is known, those
/// up to `n - window` have left the window: they are refused, since nobody
/// knows any more whether they were done.
template <class Waiting>
class request_memory {
public:
  /// What to do with a request.
  enum class verdict : uint8_t {
    /// To do it: it is new.
    run,
    /// To wait: it is being done.
    wait,
    /// To answer it with `answer_of`.
    answer,
    /// To refuse it: it is too old.
    expired,
    /// To refuse it: its number stands for a request of another kind.
    mistaken,
  };

  /// @param window how many requests are remembered.
  /// @param max_bytes what their answers may take; the oldest leave earlier if
  ///                  they take more.
  request_memory(size_t window, uint64_t max_bytes)
      : window_(window), max_bytes_(max_bytes) {}

  /// Decides on a request. One that is new is remembered from now on.
  /// @param is_list which kind of answer it is to have.
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

  /// Has `who` told the answer, once there is one.
  void wait(uint64_t sequence, Waiting who) {
    entries_.at(sequence).waiting.push_back(std::move(who));
  }

  /// Returns the answer of a request that was done.
  const remembered_answer& answer_of(uint64_t sequence) const {
    return *entries_.at(sequence).result;
  }

  /// Remembers an answer.
  /// @param bytes what it takes.
  /// @returns those who wait for it, beside the one who asked first.
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

  /// Forgets a request that was not admitted anywhere, so that nothing was
  /// done: it may be repeated.
  /// @returns those who wait for its answer, beside the one who asked first.
  std::vector<Waiting> drop(uint64_t sequence) {
    auto i = entries_.find(sequence);
    if (i == entries_.end())
      return {};
    auto res = std::move(i->second.waiting);
    entries_.erase(i);
    return res;
  }

  /// Forgets who waits for answers, beside those who asked first.
  /// @returns them.
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

  /// Lets what is too old leave, but for requests that are being done.
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
  /// Requests up to this number have left, unless they are in `entries_`.
  uint64_t horizon_ = 0;
  std::map<uint64_t, entry> entries_;
};

} // namespace spindle
