// Functions of this process that receive results.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/outcome.hpp"

#include <functional>

namespace spindle {

/// Receives an outcome inside this process; runs in the callback actor. Only if
/// an actor of the queue was killed may it run in the thread of another.
struct SPINDLE_EXPORT local_callback {
  std::function<void(const outcome&)> fun;

  /// Calls the function. What it throws goes to stderr and no further.
  /// @returns whether it threw nothing.
  bool operator()(const outcome& x) const;
};

/// Receives a report inside this process, as `local_callback` does an outcome.
struct SPINDLE_EXPORT local_list_callback {
  std::function<void(const oplist_report&)> fun;

  /// Like that of `local_callback`.
  bool operator()(const oplist_report& x) const;
};

} // namespace spindle
