// Which parts of the benchmark are wanted.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace bench {

/// Returns whether a name contains one of these; any name does if there is
/// none.
inline bool matches(const std::vector<std::string>& parts,
                    const std::string& name) {
  return parts.empty()
      || std::any_of(parts.begin(), parts.end(), [&](const auto& part) {
           return name.find(part) != std::string::npos;
         });
}

} // namespace bench
