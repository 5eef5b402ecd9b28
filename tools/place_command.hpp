// Commands that work at a place.
#pragma once

#include "command.hpp"
#include "place.hpp"

#include <memory>

namespace spindle::tool {

/// Has `run` called at the place that `options->where` names, if `cmd` is used.
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

} // namespace spindle::tool
