// Conditions that hold, or the program is wrong.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace spindle {

/// Ends the process with a message unless `condition` holds. Also in release
/// builds: going on with a broken queue could lose data.
inline void invariant(bool condition, const char* what) {
  if (!condition) {
    std::fprintf(stderr, "spindle: broken invariant: %s\n", what);
    std::abort();
  }
}

} // namespace spindle
