// The operations of the demo; all of them use the queue.
#pragma once

#include "plan.hpp"
#include "window.hpp"

#include <functional>
#include <string>
#include <vector>

namespace demo {

/// Result of one step.
struct row {
  std::string name{};
  size_t operations = 0;
  size_t failed = 0;
  uint64_t bytes = 0;
  double seconds = 0;
};

/// Copies a tree into a directory and makes the changes of a plan there.
class worker {
public:
  /// @param directory where to work; absolute.
  worker(spindle::client& disk, const original& tree, const plan& todo,
         std::string directory);

  /// Executes all steps. Calls `on_row` after each one.
  /// @throws interrupted
  void run(const std::function<void(const row&)>& on_row);

  /// Returns all problems, one line each.
  const std::vector<std::string>& problems() const {
    return problems_;
  }

private:
  // -- steps ------------------------------------------------------------------

  /// Copies each part with one operation.
  void copy(window& w);

  /// Computes the checksums of the original, with oplists.
  void checksum_original(window& w);

  /// Computes the checksums of the copy, with single requests.
  void checksum_copy(window& w);

  /// Reads each file of the original together with its copy, and compares.
  void read_both(window& w);

  /// Renames and moves files and directories, with nested oplists.
  void rename_and_move(window& w);

  /// Deletes files and directories, with nested oplists.
  void remove(window& w);

  // -- utility ----------------------------------------------------------------

  /// Executes and times one step.
  row take(const std::string& name, size_t limit, uint64_t bytes,
           void (worker::*fun)(window&));

  std::string in_tree(const std::string& path) const;

  std::string in_copy(const std::string& path) const;

  std::string at_work(const std::string& path) const;

  // -- member variables -------------------------------------------------------

  spindle::client& disk_;
  const original& tree_;
  const plan& todo_;
  std::string directory_;
  std::vector<const entry*> files_;
  /// Checksums in the order of the files.
  std::vector<std::string> of_original_;
  std::vector<std::string> of_copy_;
  std::vector<std::string> problems_;
};

} // namespace demo
