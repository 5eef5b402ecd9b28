#include "cli/completion_tree.hpp"

namespace spindle::tool {

namespace {

std::vector<std::string> choices_of(const CLI::Option& option) {
  auto type = option.get_type_name();
  if (type.find('|') == std::string::npos)
    return {};
  return CLI::detail::split(type, '|');
}

completion_option option_of(const CLI::Option& option) {
  completion_option res{.description = option.get_description(),
                        .takes_value = option.get_items_expected_max() > 0,
                        .choices = choices_of(option)};
  for (const auto& name : option.get_snames())
    res.names.push_back('-' + name);
  for (const auto& name : option.get_lnames())
    res.names.push_back("--" + name);
  return res;
}

void add_commands(const CLI::App& app, const std::vector<std::string>& words,
                  std::vector<completion_command>& to) {
  completion_command here{.words = words};
  for (const auto* option : app.get_options())
    if (option->nonpositional())
      here.options.push_back(option_of(*option));
    else
      here.choices = choices_of(*option);
  auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const auto* command : commands)
    here.subcommands.push_back(
      {command->get_name(), command->get_description()});
  to.push_back(std::move(here));
  for (const auto* command : commands) {
    auto longer = words;
    longer.push_back(command->get_name());
    add_commands(*command, longer, to);
  }
}

} // namespace

std::vector<completion_command> completion_commands(const CLI::App& app) {
  std::vector<completion_command> res;
  add_commands(app, {}, res);
  return res;
}

} // namespace spindle::tool
