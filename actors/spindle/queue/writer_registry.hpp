// The writers and profiles of a queue.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/internal/queue.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace spindle {

/// Live writers, how recent writers ended, and the profiles.
class SPINDLE_EXPORT writer_registry {
public:
  /// A writer that is alive.
  struct entry {
    writer_internal_actor actor;
    std::string path;
    /// Name of a profile of the queue; empty if the writer has its own.
    std::string profile;
    /// Whether it has reported how it ended.
    bool told = false;
  };

  // -- constructors, destructors, and assignment operators --------------------

  /// @param max_remembered how many writers that ended are remembered.
  writer_registry(std::vector<profile> profiles, size_t max_remembered);

  // -- profiles ---------------------------------------------------------------

  /// Returns the profile that was chosen, or why there is none.
  std::optional<profile> find(const profile_choice& choice, failure& why) const;

  /// Returns why these profiles cannot be used, if that is so.
  static std::optional<failure> defect_of(std::span<const profile> profiles);

  /// Replaces all profiles, and notifies the writers that use one of them.
  void use(std::vector<profile> profiles);

  const std::vector<profile>& profiles() const {
    return profiles_;
  }

  // -- writers ----------------------------------------------------------------

  /// Adds a writer or changes its entry.
  /// @returns whether it was added.
  bool put(entry what);

  /// Remembers how a writer ended.
  void remember(caf::actor_id id, writer_status last);

  /// Remembers at most so many writers that ended from now on.
  void limit_remembered(size_t count);

  /// Removes a writer that is down. If it did not report how it ended, it was
  /// killed.
  void remove(caf::actor_id id);

  /// Returns how a writer ended, if it is remembered.
  const writer_status* recall(caf::actor_id id) const;

  /// Returns the writers that are alive.
  const std::map<caf::actor_id, entry>& alive() const {
    return alive_;
  }

  uint64_t succeeded() const {
    return succeeded_;
  }

  uint64_t failed() const {
    return failed_;
  }

private:
  /// Forgets the oldest ends if there are too many.
  void forget_first();

  std::vector<profile> profiles_;
  size_t max_remembered_;
  std::map<caf::actor_id, entry> alive_;
  std::map<caf::actor_id, writer_status> ended_;
  /// In the order of their ends.
  std::deque<caf::actor_id> ended_order_;
  uint64_t succeeded_ = 0;
  uint64_t failed_ = 0;
};

} // namespace spindle
