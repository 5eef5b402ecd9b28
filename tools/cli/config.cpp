// `spindle config`: checks a configuration and shows the effective one.
#include "cli/command.hpp"
#include "cli/config_option.hpp"
#include "cli/print.hpp"

#include "spindle/config/dump.hpp"
#include "spindle/init_networked.hpp"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

namespace spindle::tool {

namespace {

constexpr const char* config_description
  = "Checks a configuration, or shows the effective one.";

constexpr const char* config_footer = R"(Examples:
  spindle config check spindle.toml
  spindle config dump
  spindle config dump spindle.toml > everything.toml

Exit code: 0 the file is valid, 2 usage or mistakes in the file, 3 the output
could not be written. docs/configuration.md describes the file.)";

constexpr const char* check_description
  = "Reports all mistakes in a file, each with its line and column, and "
    "defects of the certificates that it names.";

constexpr const char* check_footer
  = R"(Nothing is changed or started. Mistakes go to stderr as
FILE:LINE:COLUMN: MESSAGE, with exit code 2. Certificates, keys and authorities
must be readable, belong together, and be valid now.)";

constexpr const char* dump_description
  = "Writes the effective configuration as TOML, with the origin of each "
    "value.";

constexpr const char* dump_footer
  = R"(Without FILE, these are the built-in values. The output can be used as a
file.)";

// -- running ------------------------------------------------------------------

/// Returns what is wrong with the certificates that a configuration names.
std::optional<std::string> defect_of_files(const config::configuration& all) {
  const auto& listen = all.node.listen;
  if (!listen.has_tls())
    return std::nullopt;
  auto why = defect_of(listen.tls);
  if (!why)
    return std::nullopt;
  return to_string(all.origin_of("listen.tls." + why->what)) + ": " + why->text;
}

int check(const std::string& file) {
  auto loaded = load_config(file);
  if (!loaded)
    return exit_bad_input;
  if (auto why = defect_of_files(*loaded)) {
    std::fprintf(stderr, "%s\n", why->c_str());
    return exit_bad_input;
  }
  return print(file + ": ok, " + std::to_string(loaded->queue.profiles.size())
               + " profiles\n");
}

int dump(const std::string& file) {
  auto loaded = load_config(file);
  return loaded ? print(to_toml(*loaded)) : exit_bad_input;
}

} // namespace

void add_config(CLI::App& app, command& chosen) {
  auto file = std::make_shared<std::string>();
  auto& cmd = *app.add_subcommand("config", config_description)
                 ->group(setting_commands);
  cmd.footer(config_footer);
  cmd.require_subcommand(1);
  auto& check_cmd = *cmd.add_subcommand("check", check_description);
  check_cmd.footer(check_footer);
  check_cmd.add_option("FILE", *file, "The file to check")->required();
  check_cmd.callback(
    [&chosen, file] { chosen = [file] { return check(*file); }; });
  auto& dump_cmd = *cmd.add_subcommand("dump", dump_description);
  dump_cmd.footer(dump_footer);
  dump_cmd.add_option("FILE", *file, "The file to load");
  dump_cmd.callback(
    [&chosen, file] { chosen = [file] { return dump(*file); }; });
}

} // namespace spindle::tool
