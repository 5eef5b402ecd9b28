// What the actors of a queue have done, noted without a message.
#pragma once

#include "spindle/export.hpp"
#include "spindle/fs/operations.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace spindle {

/// What a disk actor did since it last noted something.
struct disk_report {
  uint64_t id = 0;
  /// Whether it asks for its next unit.
  bool ready = false;
  /// The unit last taken to the disk.
  uint64_t taken = 0;
  /// Turns in which it executed something, and operations executed in them.
  uint64_t turns = 0;
  uint64_t executed = 0;
};

/// Whose results are delivered, or about to be.
struct delivered {
  uint64_t jobs = 0;
  uint64_t ops = 0;
  /// Bytes that the operations carried.
  uint64_t bytes = 0;
  uint64_t bytes_written = 0;
  uint64_t bytes_read = 0;
  uint64_t callbacks_threw = 0;
  /// Indexed by kind of operation, steps of streams last; those not executed
  /// count as failed.
  std::array<uint64_t, operation_kinds + 1> succeeded{};
  std::array<uint64_t, operation_kinds + 1> failed{};

  SPINDLE_EXPORT delivered& operator+=(const delivered& x);
};

/// What was noted between two looks of the supervisor.
struct ledger_page {
  delivered results;
  /// One for each disk actor that noted something.
  std::vector<disk_report> reports;
};

/// What the disk actors and the callback actor of a queue have done. They note
/// it, and the supervisor reads it when it has something to decide. They send
/// it a message only if it waits for them: each message may wake a thread.
class SPINDLE_EXPORT ledger {
public:
  /// Notes what a disk actor did.
  /// @returns whether the supervisor waits for it and must be told.
  [[nodiscard]] bool note(const disk_report& x);

  /// Notes what was delivered.
  /// @returns whether the supervisor waits for it and must be told.
  [[nodiscard]] bool note(const delivered& x);

  /// Takes what was noted since the last look. Supervisor only.
  /// @returns whether anything was.
  bool read(ledger_page& into);

  /// Has whoever is next to note something tell the supervisor. Supervisor
  /// only.
  /// @returns false if there is something to read already.
  bool await();

private:
  /// Requires the lock. @returns what `note` does.
  bool mark();

  std::mutex mutex_;
  ledger_page page_;
  bool awaited_ = false;
  /// Whether there is something to read; makes a look that finds nothing cheap.
  std::atomic<bool> unread_ = false;
};

} // namespace spindle
