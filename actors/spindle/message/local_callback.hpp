// Functions of this process that receive results.
#pragma once

#include "spindle/export.hpp"
#include "spindle/message/outcome.hpp"

#include <functional>

namespace spindle {

/// Receives an outcome inside this process. Runs in the callback actor; if an
/// actor of the queue is killed, it may run in any thread.
struct SPINDLE_EXPORT local_callback {
  std::function<void(const outcome&)> fun;

  /// Calls the function. An exception is printed to stderr and not passed on.
  /// @returns false if there was an exception.
  bool operator()(const outcome& x) const;
};

/// Receives a report inside this process, like `local_callback`.
struct SPINDLE_EXPORT local_list_callback {
  std::function<void(const oplist_report&)> fun;

  /// Like `local_callback::operator()`.
  bool operator()(const oplist_report& x) const;
};

} // namespace spindle
