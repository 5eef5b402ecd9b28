// Where the disk is that a command works with.
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

/// What the command line says about the place.
struct place_options {
  std::string config_file;
  connect_options connect;
};

/// Adds the options that all commands with a disk have in common.
void add_place_options(CLI::App& cmd, place_options& options);

/// A queue, or a connection to a node, in an actor system of its own, for one
/// command. All paths that the command gives to it are paths on its disk.
class place {
public:
  ~place();

  const spindle::queue& queue() const;

  /// Returns a client for the thread that made the place. It waits as long as
  /// it takes.
  spindle::client& client();

  /// Returns the profiles of the configuration.
  const std::vector<profile>& profiles() const;

  /// Returns the disk of the queue, for the same thread.
  disk_access& disk();

  /// Has the disk show there how far long operations are. Does not own the
  /// line; null for none.
  void show_on(operation_line* line);

private:
  class impl;

  explicit place(std::unique_ptr<impl> content);

  friend int work_at(const place_options&, const std::function<int(place&)>&,
                     interruption*);

  std::unique_ptr<impl> content_;
};

/// Opens a place, has `use` work there, and closes it again.
/// @param stop lets a signal keep it from beginning anything; may be null.
/// @returns the exit code: that of `use`, or another one after telling stderr
///          why there is no such place.
int work_at(const place_options& options, const std::function<int(place&)>& use,
            interruption* stop = nullptr);

} // namespace spindle::tool
