// Decides who waits for the device in a queue.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/engine.hpp"
#include "spindle/message/settings.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace spindle {

/// How the disk actors of a queue wait for the device.
struct engine_terms {
  engine_kind kind = engine_kind::plain;
  /// Operations that may await the device at once.
  size_t depth = 1;
};

/// Makes an engine, or null, as `fs::make_engine`.
using engine_maker
  = std::function<fs::engine_ptr(engine_kind kind, size_t depth)>;

/// Has an engine for each disk actor of a queue. Must be used by one thread at
/// a time.
class SPINDLE_EXPORT engine_supply {
public:
  /// Most threads of each disk actor with `engine_choice::automatic`. More help
  /// little, and each takes the processor from others.
  static constexpr size_t automatic_threads = 4;

  /// Decides what is in force for as long as the queue lives.
  /// @param bounds with a disk.
  /// @throws std::invalid_argument if the settings ask for a ring, and the
  ///         system does not allow one.
  explicit engine_supply(const settings& bounds,
                         engine_maker make = fs::make_engine);

  /// Returns what is in force.
  const engine_terms& terms() const {
    return terms_;
  }

  /// Returns the engine of the next disk actor; null if its operations wait by
  /// themselves. Threads serve it if the system allows no further ring.
  std::shared_ptr<fs::engine> take();

private:
  /// Makes the engines of the first two disk actors.
  /// @returns whether the system allowed both.
  bool prepare(engine_kind kind, size_t depth);

  engine_maker make_;
  engine_terms terms_;
  /// Engines that were made and not taken.
  std::vector<fs::engine_ptr> ready_;
};

} // namespace spindle
