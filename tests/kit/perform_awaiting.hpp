// Performs an operation whose calls that may wait for the device are made by an
// engine.
#pragma once

#include "spindle/fs/engine.hpp"
#include "spindle/fs/execute.hpp"
#include "spindle/fs/sync_group.hpp"

#include <vector>

namespace kit {

/// Performs an operation, and waits for what it awaits.
inline spindle::answer perform_awaiting(spindle::fs::vfs& disk,
                                        const spindle::operation& op,
                                        spindle::fs::engine& with) {
  using spindle::fs::pause;
  spindle::fs::execution all{disk, op, {}, {.awaits = true}};
  auto await = [&with](size_t calls) {
    std::vector<spindle::fs::device_call*> done;
    while (done.size() < calls)
      with.wait(done);
    for (auto* call : done)
      while ((call = call->next))
        call->follow();
  };
  for (;;) {
    auto how = all.advance(nullptr);
    if (how == pause::done)
      return all.take();
    if (how == pause::awaits) {
      with.start(all.call());
      await(1);
    } else if (how == pause::settled) {
      spindle::fs::sync_group syncs;
      for (auto* call : all.syncs())
        syncs.add(*call);
      await(syncs.start(with));
    }
  }
}

} // namespace kit
