// The nodes of memory_vfs: files, directories, symbolic links and FIFOs.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "spindle/fs/memory/memory_content.hpp"
#include "spindle/fs/memory/memory_fifo.hpp"
#include "spindle/ops/operations.hpp"

namespace spindle::fs::memory {

struct node;

using node_ptr = std::shared_ptr<node>;

/// The entries of a directory.
using name_map = std::map<std::string, node_ptr>;

/// The metadata that chmod(2), chown(2), utimensat(2) and setxattr(2) change.
struct metadata {
  uint32_t permissions = 0;
  uint32_t user = 0;
  uint32_t group = 0;
  file_time accessed;
  file_time modified;
  file_time changed;
  std::map<std::string, std::string> attributes;
};

/// An inode.
struct node {
  file_type type = file_type::unknown;
  uint64_t inode = 0;
  uint64_t device = 0;
  metadata data;
  /// The durable state of `data`.
  metadata durable_data;
  /// Number of hard links; 1 or 0 for a directory.
  uint64_t links = 0;
  /// Number of open files.
  uint64_t handles = 0;

  /// Of a file.
  memory::content content;
  /// Of a symbolic link.
  std::string target;
  /// Of a FIFO.
  std::shared_ptr<memory_fifo> fifo;
  /// Of a directory.
  name_map entries;
  name_map durable_entries;
  std::weak_ptr<node> parent;
};

} // namespace spindle::fs::memory
