// The operations on files and directories alike; operations.hpp documents the
// common options.
#pragma once

#include "spindle/ops/answers.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

namespace spindle {

/// Returns total, free and available bytes of the file system that holds
/// `path`.
struct disk_space {
  using output = space_info;

  std::string path{};

  bool operator==(const disk_space&) const = default;

  static constexpr const char* type_name = "disk_space";
  static constexpr auto fields = std::tuple{
    field{"path", &disk_space::path},
  };
};

/// Creates a symbolic link at `path` that points to `target`. It cannot replace
/// the file that it would point to (`invalid_argument`).
struct symlink_create {
  using output = done;

  std::string path{};
  std::string target{};
  bool overwrite = false;
  bool parents = false;
  spindle::durability durability = durability::none;

  bool operator==(const symlink_create&) const = default;

  static constexpr const char* type_name = "symlink_create";
  static constexpr auto fields = std::tuple{
    field{"path", &symlink_create::path},
    field{"target", &symlink_create::target},
    field{"overwrite", &symlink_create::overwrite},
    field{"parents", &symlink_create::parents},
    field{"durability", &symlink_create::durability},
  };
};

/// Returns the target of a symbolic link.
struct symlink_read {
  using output = std::string;

  std::string path{};

  bool operator==(const symlink_read&) const = default;

  static constexpr const char* type_name = "symlink_read";
  static constexpr auto fields = std::tuple{
    field{"path", &symlink_read::path},
  };
};

/// Sets the permission bits.
struct set_permissions {
  using output = done;

  std::string path{};
  uint32_t permissions = 0;
  spindle::durability durability = durability::none;

  bool operator==(const set_permissions&) const = default;

  static constexpr const char* type_name = "set_permissions";
  static constexpr auto fields = std::tuple{
    field{"path", &set_permissions::path},
    field{"permissions", &set_permissions::permissions},
    field{"durability", &set_permissions::durability},
  };
};

/// Sets times; those not given are kept.
struct set_times {
  using output = done;

  std::string path{};
  std::optional<file_time> accessed{};
  std::optional<file_time> modified{};
  /// Whether a symbolic link at `path` is followed. The times of a link itself
  /// cannot be synced (`not_supported`).
  bool follow = true;
  spindle::durability durability = durability::none;

  bool operator==(const set_times&) const = default;

  static constexpr const char* type_name = "set_times";
  static constexpr auto fields = std::tuple{
    field{"path", &set_times::path},
    field{"accessed", &set_times::accessed},
    field{"modified", &set_times::modified},
    field{"follow", &set_times::follow},
    field{"durability", &set_times::durability},
  };
};

} // namespace spindle
