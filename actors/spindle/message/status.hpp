// The status of a queue.
#pragma once

#include "spindle/message/inspect.hpp"
#include "spindle/ops/engine_kind.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace spindle {

/// Requests the status of a queue or of a writer.
struct get_status {
  static constexpr const char* type_name = "get_status";
  static constexpr auto fields = std::tuple{};
};

/// How often an operation was executed.
struct operation_count {
  /// Name of the operation, for instance "file_read".
  std::string operation{};
  uint64_t succeeded = 0;
  uint64_t failed = 0;

  bool operator==(const operation_count&) const = default;

  static constexpr const char* type_name = "operation_count";
  static constexpr auto fields = std::tuple{
    field{"operation", &operation_count::operation},
    field{"succeeded", &operation_count::succeeded},
    field{"failed", &operation_count::failed},
  };
};

/// What a queue is doing and has done. Each operation of an oplist counts, and
/// each step of a writer, as "background_write".
struct queue_status {
  /// Operations that wait.
  uint64_t pending = 0;
  /// Operations that a disk actor has begun.
  uint64_t running = 0;
  /// Operations that are done, but whose result is not delivered yet.
  uint64_t delivering = 0;
  /// Lanes that have an operation, waiting or begun.
  uint64_t lanes = 0;
  /// Bytes that the operations above carry.
  uint64_t pending_bytes = 0;
  /// Operations done, failures included.
  uint64_t succeeded = 0;
  uint64_t failed = 0;
  /// Counts by operation, for those executed at least once.
  std::vector<operation_count> operations{};
  /// Bytes of operations done.
  uint64_t bytes_written = 0;
  uint64_t bytes_read = 0;
  /// Turns in which at least one operation was executed.
  uint64_t units = 0;
  /// Mean number of operations in such a turn.
  double mean_unit = 0;
  /// Such turns of each of the two disk actors and their predecessors.
  std::vector<uint64_t> turns{};
  /// Largest number of operations that were in the queue at once.
  uint64_t high_water = 0;
  /// Functions given as callbacks that threw an exception.
  uint64_t callbacks_threw = 0;
  /// Disk actors that died and were replaced.
  uint64_t disk_actors_replaced = 0;
  /// Writers that are alive, that succeeded, and that failed.
  uint64_t writers = 0;
  uint64_t writers_succeeded = 0;
  uint64_t writers_failed = 0;
  /// What waits for the device. Of a node, a ring if one of its volumes has
  /// one, else threads if one has them.
  engine_kind engine = engine_kind::plain;
  /// Operations that may await the device at once: 1 if each waits by itself.
  /// Of a node, those of all its volumes.
  uint64_t depth = 0;

  static constexpr const char* type_name = "queue_status";
  static constexpr auto fields = std::tuple{
    field{"pending", &queue_status::pending},
    field{"running", &queue_status::running},
    field{"delivering", &queue_status::delivering},
    field{"lanes", &queue_status::lanes},
    field{"pending_bytes", &queue_status::pending_bytes},
    field{"succeeded", &queue_status::succeeded},
    field{"failed", &queue_status::failed},
    field{"operations", &queue_status::operations},
    field{"bytes_written", &queue_status::bytes_written},
    field{"bytes_read", &queue_status::bytes_read},
    field{"units", &queue_status::units},
    field{"mean_unit", &queue_status::mean_unit},
    field{"turns", &queue_status::turns},
    field{"high_water", &queue_status::high_water},
    field{"callbacks_threw", &queue_status::callbacks_threw},
    field{"disk_actors_replaced", &queue_status::disk_actors_replaced},
    field{"writers", &queue_status::writers},
    field{"writers_succeeded", &queue_status::writers_succeeded},
    field{"writers_failed", &queue_status::writers_failed},
    field{"engine", &queue_status::engine},
    field{"depth", &queue_status::depth},
  };
};

} // namespace spindle

CAFX_ENUM(spindle, engine_kind, engine_kind_count)
