// The background writes of a run, by their ids.
#pragma once

#include "text/json_line.hpp"

#include "spindle/message/writing.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace spindle::tool {

/// A background write that was started.
struct known_writer {
  writer_actor actor;
  /// When it was spawned, counted from the start of the program.
  caf::timespan spawned{};
  bool ended = false;
};

/// Remembers writers: those at work, and so many of those that ended that a
/// chain can be built on them. Any thread may call.
class writer_book {
public:
  /// @param max_ended how many that ended are remembered.
  explicit writer_book(size_t max_ended) : max_ended_(max_ended) {}

  /// Adds a writer; a later one with the same id takes its place.
  void add(const json& id, known_writer what);

  /// Knows that a writer ended.
  void on_end(const json& id, const writer_actor& actor);

  /// Returns the writer with that id, if one is known.
  std::optional<known_writer> find(const json& id) const;

  /// Notes whether a writer rests.
  void set_paused(const json& id, bool paused);

  /// Returns whether any writer rests.
  bool any_paused() const;

  /// Returns those that rest, and forgets that they do.
  std::vector<writer_actor> take_paused();

private:
  size_t max_ended_;
  mutable std::mutex mutex_;
  /// By their ids as JSON.
  std::unordered_map<std::string, known_writer> by_id_;
  /// In the order of their ends.
  std::deque<std::pair<std::string, caf::actor_id>> ended_;
  std::set<std::string> paused_;
};

} // namespace spindle::tool
