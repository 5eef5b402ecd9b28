// `background_write` as a line of input has it.
#pragma once

#include "text/json_line.hpp"

#include "spindle/message/writing.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace spindle::tool {

/// Asks for a file to be written in the background.
struct background_write {
  std::string path{};
  /// Either this or `source`.
  std::optional<buffer> data{};
  /// The file that is read for it.
  std::optional<std::string> source{};
  profile_choice profile{};
  std::optional<uint64_t> chunk_size{};
  write_mode mode = write_mode::truncate;
  uint64_t offset = 0;
  bool parents = false;
  uint32_t permissions = 0666;
  spindle::durability durability = durability::none;
  /// Id of the one before, or null.
  json chain_after{};
  chain_policy chain_on_error = chain_policy::abort;

  static constexpr const char* type_name = "background_write";
  static constexpr auto fields = std::tuple{
    field{"path", &background_write::path},
    field{"data", &background_write::data},
    field{"source", &background_write::source},
    field{"profile", &background_write::profile},
    field{"chunk_size", &background_write::chunk_size},
    field{"mode", &background_write::mode},
    field{"offset", &background_write::offset},
    field{"parents", &background_write::parents},
    field{"permissions", &background_write::permissions},
    field{"durability", &background_write::durability},
    field{"chain_after", &background_write::chain_after},
    field{"chain_on_error", &background_write::chain_on_error},
  };
};

} // namespace spindle::tool
