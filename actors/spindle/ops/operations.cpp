#include "spindle/ops/operations.hpp"

#include "spindle/ops/engine_kind.hpp"

#include <array>

namespace spindle {

namespace {

template <class Enum, size_t N>
std::string name_in(const std::array<const char*, N>& names, Enum x) {
  auto index = static_cast<size_t>(x);
  return index < N ? names[index] : "invalid(" + std::to_string(index) + ")";
}

} // namespace

std::string to_string(durability x) {
  return name_in<durability, durability_count>({"none", "data", "full"}, x);
}

std::string to_string(write_mode x) {
  return name_in<write_mode, write_mode_count>(
    {"truncate", "append", "create_new", "replace", "update"}, x);
}

std::string to_string(engine_kind x) {
  return name_in<engine_kind, engine_kind_count>({"plain", "threads", "ring"},
                                                 x);
}

std::string to_string(file_type x) {
  return name_in<file_type, file_type_count>(
    {"unknown", "file", "directory", "symlink", "fifo", "socket",
     "block_device", "character_device"},
    x);
}

std::string_view name_of(const operation& x) {
  return std::visit(
    [](const auto& op) -> std::string_view { return op.type_name; }, x);
}

const std::string& path_of(const operation& x) {
  return std::visit(
    [](const auto& op) -> const std::string& { return op.path; }, x);
}

size_t payload_of(const operation& x) {
  auto* write = std::get_if<file_write>(&x);
  return write ? write->data.size() : 0;
}

} // namespace spindle
