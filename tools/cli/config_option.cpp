#include "cli/config_option.hpp"

#include "spindle/config/load.hpp"

#include <cstdio>

namespace spindle::tool {

void add_config_option(CLI::App& cmd, std::string& file) {
  cmd
    .add_option("--config", file,
                "TOML file with limits and profiles (docs/configuration.md)")
    ->type_name("FILE");
}

std::optional<config::configuration> load_config(const std::string& file) {
  if (file.empty())
    return config::configuration{};
  auto res = config::load_file(file);
  if (res)
    return *std::move(res);
  std::fputs(to_string(res.error()).c_str(), stderr);
  return std::nullopt;
}

} // namespace spindle::tool
