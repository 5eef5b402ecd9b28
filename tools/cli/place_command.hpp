// Commands that work with a queue or a node.
#pragma once

#include "cli/command.hpp"
#include "cli/interruption.hpp"
#include "cli/place.hpp"

#include <memory>

namespace spindle::tool {

/// Calls `run` with the place that `options->where` names if `cmd` is used.
template <class Options>
void choose_at_place(CLI::App& cmd, command& chosen,
                     std::shared_ptr<Options> options,
                     int (*run)(const Options&, place&)) {
  cmd.callback([&chosen, options, run] {
    chosen = [options, run] {
      return work_at(options->where, [&options, run](place& here) {
        return run(*options, here);
      });
    };
  });
}

/// Likewise, for a command that cleans up after a signal.
template <class Options>
void choose_stoppably(CLI::App& cmd, command& chosen,
                      std::shared_ptr<Options> options,
                      int (*run)(const Options&, place&)) {
  cmd.callback([&chosen, &cmd, options, run] {
    chosen = [name = cmd.get_name(), options, run] {
      // With a pace, this program and not the node makes the copy, and must
      // clean up.
      interruption stop{name, options->where.connect.is_remote()
                                && !options->pace.are_given()};
      auto use = [&](place& here) { return run(*options, here); };
      return stop.finish(work_at(options->where, use, &stop));
    };
  });
}

} // namespace spindle::tool
