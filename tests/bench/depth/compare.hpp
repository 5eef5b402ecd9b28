// Has all contestants do one task, and compares them.
#pragma once

#include "depth/contestants.hpp"
#include "options.hpp"
#include "table.hpp"

#include <string>
#include <vector>

namespace bench::depth {

/// Spindle, preceded by those that all are compared with.
class contest {
public:
  /// @param own contestants that use Spindle; those that the options do not
  ///            admit are left out.
  contest(const options& opts, std::vector<contestant> own);

  /// Has all do a task in interleaved rounds, and prints the rows.
  std::vector<row> run(const file_task& task, const std::string& measure,
                       const std::string& where) const;

private:
  size_t rounds_;
  std::vector<contestant> all_;
};

/// Requests, or chains of calls, that are in flight.
inline constexpr size_t window = 64;

} // namespace bench::depth
