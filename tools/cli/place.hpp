// The queue or node that a command works with.
#pragma once

#include "cli/connect_option.hpp"
#include "cli/disk_access.hpp"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace spindle {

class client;
class queue;
struct profile;

} // namespace spindle

namespace spindle::tool {

class interruption;
class operation_line;

/// The configuration file and the node that the command line names.
struct place_options {
  std::string config_file;
  connect_options connect;
};

/// Adds the options of all commands that work with a disk.
void add_place_options(CLI::App& cmd, place_options& options);

/// A queue or a connection to a node, in an actor system of its own, for one
/// command. All paths are paths on its disk.
class place {
public:
  ~place();

  const spindle::queue& queue() const;

  /// Returns a client, for the thread that constructed the place only. Its
  /// requests have no timeout.
  spindle::client& client();

  /// Returns the profiles of the configuration.
  const std::vector<profile>& profiles() const;

  /// Returns the disk of the queue, for the thread that constructed the place
  /// only.
  disk_access& disk();

  /// Shows the progress of long operations on a line, or nowhere if null. Does
  /// not own the line.
  void show_on(operation_line* line);

private:
  class impl;

  explicit place(std::unique_ptr<impl> content);

  friend int work_at(const place_options&, const std::function<int(place&)>&,
                     interruption*);

  std::unique_ptr<impl> content_;
};

/// Opens a place, calls `use` with it, and closes it.
/// @param stop once it has a signal, no further operation starts; may be null.
/// @returns the exit code of `use`, or another one after writing to stderr why
///          the place cannot be opened.
int work_at(const place_options& options, const std::function<int(place&)>& use,
            interruption* stop = nullptr);

} // namespace spindle::tool
