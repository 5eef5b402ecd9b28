// Shows on stderr how far a writer is.
#pragma once

#include "spindle/writing.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace spindle::tool {

/// A bar on a terminal, lines otherwise. Any thread may call.
class write_progress {
public:
  /// @param total how much is to be written, if that is known.
  write_progress(int descriptor, std::optional<uint64_t> total);

  /// Returns how often it is worth to show something.
  caf::timespan interval() const;

  /// Shows how far the writer is, unless `finish` was called.
  void show(const writer_status& now);

  /// Says a last word in place of the bar.
  void finish(const std::string& what);

private:
  int descriptor_;
  bool is_terminal_;
  std::optional<uint64_t> total_;
  std::mutex mutex_;
  bool finished_ = false;
};

/// Has the progress of a writer shown.
void show_progress(caf::actor_system& sys, const writer_actor& writer,
                   std::shared_ptr<write_progress> where);

} // namespace spindle::tool
