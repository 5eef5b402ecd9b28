#include "cli/completion_script.hpp"

#include "cli/completion_tree.hpp"

#include <string_view>

namespace spindle::tool {

namespace {

// -- texts --------------------------------------------------------------------

/// Joins the texts with a separator.
std::string join(const std::vector<std::string>& texts,
                 std::string_view between) {
  std::string res;
  for (const auto& x : texts)
    res.append(res.empty() ? "" : between).append(x);
  return res;
}

/// Puts `what` in front of each of some characters.
std::string escaped(std::string_view text, std::string_view characters,
                    std::string_view what = "\\") {
  std::string res;
  for (auto c : text) {
    if (characters.find(c) != std::string_view::npos)
      res += what;
    res += c;
  }
  return res;
}

/// Quotes the text for bash and zsh.
std::string shell_word(std::string_view text) {
  std::string res{"'"};
  for (auto c : text)
    res += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return res + '\'';
}

/// Returns a shell pattern for all commands but the program itself.
std::string command_patterns(const std::vector<completion_command>& commands) {
  std::vector<std::string> res;
  for (const auto& x : commands)
    if (!x.words.empty())
      res.push_back(shell_word(' ' + join(x.words, " ")));
  return join(res, " | ");
}

std::string chain_of(const completion_command& x) {
  return x.words.empty() ? "" : ' ' + join(x.words, " ");
}

/// Returns a shell pattern for the names of an option after its command.
std::string option_patterns(const completion_command& command,
                            const completion_option& option) {
  std::vector<std::string> res;
  for (const auto& name : option.names)
    res.push_back(shell_word(chain_of(command) + ' ' + name));
  return join(res, " | ");
}

// -- scripts with two case statements -----------------------------------------

/// The parts of a script for bash or zsh, and the functions that write the
/// cases of a command: of its options with values, and of its words.
struct case_script {
  const char* begin;
  const char* values;
  const char* words;
  const char* end;
  std::string (*values_of)(const completion_command&);
  std::string (*words_of)(const completion_command&);
};

std::string text_of(const case_script& script, const CLI::App& app) {
  auto commands = completion_commands(app);
  auto res = script.begin + command_patterns(commands) + script.values;
  for (const auto& x : commands)
    res += script.values_of(x);
  res += script.words;
  for (const auto& x : commands)
    res += script.words_of(x);
  return res + script.end;
}

// -- bash ---------------------------------------------------------------------

constexpr const char* bash_begin
  = R"(# Completes command lines of spindle. Made by `spindle completion bash`.

_spindle() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local chain='' options='' words='' i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$chain ${COMP_WORDS[i]}" in
      )";

constexpr const char* bash_values = R"()
        chain+=" ${COMP_WORDS[i]}" ;;
    esac
  done
  # Of `--option=value`, each part is a word.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  # Without an answer, bash completes names of files.
  case "$chain $previous" in
)";

constexpr const char* bash_words = R"(  esac
  case "$chain" in
)";

constexpr const char* bash_end = R"(  esac
  if [[ $current == -* ]]; then
    words=$options
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

complete -o bashdefault -o default -F _spindle spindle
)";

std::string bash_values_of(const completion_command& command) {
  std::string res;
  for (const auto& option : command.options) {
    if (!option.takes_value)
      continue;
    res += "    " + option_patterns(command, option) + ")\n";
    if (!option.choices.empty())
      res += "      mapfile -t COMPREPLY < <(compgen -W "
           + shell_word(join(option.choices, " ")) + " -- \"$current\")\n";
    res += "      return ;;\n";
  }
  return res;
}

std::string bash_words_of(const completion_command& command) {
  std::vector<std::string> options;
  for (const auto& option : command.options)
    options.insert(options.end(), option.names.begin(), option.names.end());
  auto words = command.choices;
  for (const auto& x : command.subcommands)
    words.push_back(x.name);
  return "    " + shell_word(chain_of(command))
       + ")\n      options=" + shell_word(join(options, " "))
       + "\n      words=" + shell_word(join(words, " ")) + " ;;\n";
}

// -- zsh ----------------------------------------------------------------------

constexpr const char* zsh_begin = R"(#compdef spindle
# Completes command lines of spindle. Made by `spindle completion zsh`.

_spindle() {
  local chain='' word
  local -a options commands values
  for word in ${words[2,CURRENT-1]}; do
    case "$chain $word" in
      ()";

constexpr const char* zsh_values = R"() chain+=" $word" ;;
    esac
  done
  case "$chain ${words[CURRENT-1]}" in
)";

constexpr const char* zsh_words = R"(  esac
  if (( $#values )); then
    _describe value values
    return
  fi
  case "$chain" in
)";

constexpr const char* zsh_end = R"(  esac
  if [[ $PREFIX == -* ]]; then
    _describe -o option options
  elif (( $#commands )); then
    _describe command commands
  else
    _files
  fi
}

if [[ $funcstack[1] == _spindle ]]; then
  _spindle "$@"
else
  compdef _spindle spindle
fi
)";

/// Returns an argument for the zsh function _describe.
std::string zsh_argument(std::string_view name, std::string_view description) {
  return shell_word(escaped(name, ":\\") + ':' + std::string{description});
}

std::string zsh_values_of(const completion_command& command) {
  std::string res;
  for (const auto& option : command.options) {
    if (!option.takes_value)
      continue;
    res += "    (" + option_patterns(command, option) + ")\n";
    res += option.choices.empty()
           ? "      _files\n      return ;;\n"
           : "      values=(" + join(option.choices, " ") + ") ;;\n";
  }
  return res;
}

std::string zsh_words_of(const completion_command& command) {
  auto res = "    (" + shell_word(chain_of(command)) + ")\n      options=(";
  for (const auto& option : command.options)
    for (const auto& name : option.names)
      res += "\n        " + zsh_argument(name, option.description);
  res += ")\n      commands=(";
  for (const auto& x : command.subcommands)
    res += "\n        " + zsh_argument(x.name, x.description);
  return res + join(command.choices, " ") + ") ;;\n";
}

// -- fish ---------------------------------------------------------------------

/// Quotes the text for fish.
std::string fish_word(std::string_view text) {
  return '\'' + escaped(text, "\\'") + '\'';
}

/// Returns the beginning of a line that completes arguments of a command.
std::string fish_line(const completion_command& command) {
  std::vector<std::string> conditions;
  for (const auto& word : command.words)
    conditions.push_back("__fish_seen_subcommand_from " + word);
  if (!command.subcommands.empty()) {
    std::string others;
    for (const auto& x : command.subcommands)
      others += ' ' + x.name;
    conditions.push_back("not __fish_seen_subcommand_from" + others);
  }
  return "complete -c spindle -n " + fish_word(join(conditions, "; and "));
}

std::string fish_names_of(const completion_option& option) {
  std::string res;
  for (const auto& name : option.names)
    res += name.starts_with("--") ? " -l " + name.substr(2)
                                  : " -s " + name.substr(1);
  return res;
}

std::string fish_lines_of(const completion_command& command) {
  std::string res;
  auto line = fish_line(command);
  for (const auto& x : command.subcommands)
    res += line + " -f -a " + x.name + " -d " + fish_word(x.description) + '\n';
  if (!command.choices.empty())
    res += line + " -f -a " + fish_word(join(command.choices, " ")) + '\n';
  for (const auto& option : command.options) {
    res += line + fish_names_of(option);
    if (!option.choices.empty())
      res += " -x -a " + fish_word(join(option.choices, " "));
    else if (option.takes_value)
      res += " -r";
    res += " -d " + fish_word(option.description) + '\n';
  }
  return res;
}

} // namespace

// -- scripts ------------------------------------------------------------------

std::string bash_completion(const CLI::App& app) {
  return text_of({bash_begin, bash_values, bash_words, bash_end, bash_values_of,
                  bash_words_of},
                 app);
}

std::string zsh_completion(const CLI::App& app) {
  return text_of(
    {zsh_begin, zsh_values, zsh_words, zsh_end, zsh_values_of, zsh_words_of},
    app);
}

std::string fish_completion(const CLI::App& app) {
  std::string res{"# Completes command lines of spindle. Made by `spindle "
                  "completion fish`.\n"};
  for (const auto& x : completion_commands(app))
    res += fish_lines_of(x);
  return res;
}

} // namespace spindle::tool
