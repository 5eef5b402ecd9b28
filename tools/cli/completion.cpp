// `spindle completion`: scripts with which shells complete command lines.
#include "cli/command.hpp"
#include "cli/completion_script.hpp"
#include "cli/print.hpp"

#include <map>
#include <memory>
#include <string>

namespace spindle::tool {

namespace {

constexpr const char* completion_description
  = "Prints a script with which a shell completes command lines.";

constexpr const char* completion_footer = R"(Examples:
  source <(spindle completion bash)
  spindle completion zsh > ~/.zfunc/_spindle
  spindle completion fish > ~/.config/fish/completions/spindle.fish

`cmake --install` puts these scripts where the shells look for them.

Exit code: 0 printed, 2 usage, 3 the output could not be written.)";

using script = std::string (*)(const CLI::App&);

const std::map<std::string, script>& scripts() {
  static const std::map<std::string, script> res{{"bash", bash_completion},
                                                 {"fish", fish_completion},
                                                 {"zsh", zsh_completion}};
  return res;
}

} // namespace

void add_completion(CLI::App& app, command& chosen) {
  auto shell = std::make_shared<std::string>();
  auto& cmd = *app.add_subcommand("completion", completion_description)
                 ->group(setting_commands);
  cmd.footer(completion_footer);
  cmd.add_option("SHELL", *shell, "For which shell")
    ->check(CLI::IsMember{scripts()}.description(""))
    ->type_name("bash|fish|zsh")
    ->required();
  cmd.callback([&app, &chosen, shell] {
    chosen = [&app, shell] { return print(scripts().at(*shell)(app)); };
  });
}

} // namespace spindle::tool
