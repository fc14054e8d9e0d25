// Prints the completion of docspace-keys for a shell, from the tables of --help:
// keys_completion bash|zsh
#include <algorithm>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "client/cli/command_line.h"

namespace {

using docspace::apikeys::cli::CommandDescription;
using docspace::apikeys::cli::OptionDescription;

using Options = std::vector<OptionDescription>;

bool IsNamed(const OptionDescription& option) { return option.name.starts_with('-'); }

// Returns the names that CLI11 joins with commas: "-h,--help".
std::vector<std::string> NamesOf(const OptionDescription& option) {
  std::vector<std::string> names(1);
  for (const char character : option.name) {
    if (character == ',') {
      names.emplace_back();
    } else {
      names.back().push_back(character);
    }
  }
  return names;
}

std::string Join(const std::vector<std::string>& words, std::string_view separator) {
  std::string joined;
  for (const std::string& word : words) {
    if (!joined.empty()) joined.append(separator);
    joined.append(word);
  }
  return joined;
}

// Returns the names of the options for which `is_wanted` holds, each once and in their order.
template <class Predicate>
std::vector<std::string> NamesOf(const Options& options, const Predicate& is_wanted) {
  std::vector<std::string> names;
  for (const OptionDescription& option : options) {
    if (!IsNamed(option) || !is_wanted(option)) continue;
    for (const std::string& name : NamesOf(option)) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

std::vector<std::string> NamesOf(const std::vector<CommandDescription>& commands) {
  std::vector<std::string> names;
  for (const CommandDescription& command : commands) names.push_back(command.name);
  return names;
}

// Returns the options of the tool and of all its commands.
Options AllOptions(const CommandDescription& tool) {
  Options all = tool.options;
  for (const CommandDescription& command : tool.commands) {
    all.insert(all.end(), command.options.begin(), command.options.end());
  }
  return all;
}

bool HasValue(const OptionDescription& option) { return !option.value_name.empty(); }
bool NamesAFile(const OptionDescription& option) { return option.value_name == "PATH"; }

void PrintForBash(const CommandDescription& tool) {
  const Options all = AllOptions(tool);
  const auto any = [](const OptionDescription& /*option*/) { return true; };
  std::cout << "# Completion of " << tool.name << R"( for bash, made from its tables.
_docspace_keys() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command='' words i
  # bash splits --output=json into three words.
  if [[ $current == '=' ]]; then
    current=''
  elif [[ $previous == '=' ]]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case ${COMP_WORDS[i]} in
)";
  std::cout << "      " << Join(NamesOf(all, HasValue), " | ") << R"()
        [[ ${COMP_WORDS[i + 1]} != '=' ]] || ((i += 1))
        ((i += 1))
        ;;
)";
  std::cout << "      " << Join(NamesOf(tool.commands), " | ") << R"()
        command=${COMP_WORDS[i]}
        break
        ;;
    esac
  done
  case $previous in
)";
  for (const OptionDescription& option : tool.options) {
    if (option.choices.empty()) continue;
    std::cout << "    " << option.name << ") mapfile -t COMPREPLY < <(compgen -W '"
              << Join(option.choices, " ") << "' -- \"$current\") && return ;;\n";
  }
  std::cout << "    " << Join(NamesOf(all, NamesAFile), " | ") << R"()
      compopt -o filenames
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
)";
  const auto has_other_value = [](const OptionDescription& option) {
    return HasValue(option) && !NamesAFile(option) && option.choices.empty();
  };
  std::cout << "    " << Join(NamesOf(all, has_other_value), " | ")
            << ") return ;;\n  esac\n  case $command in\n";
  for (const CommandDescription& command : tool.commands) {
    Options options = command.options;
    options.insert(options.end(), tool.options.begin(), tool.options.end());
    std::cout << "    " << command.name << ") words='" << Join(NamesOf(options, any), " ")
              << "' ;;\n";
  }
  std::cout << "    *) words='" << Join(NamesOf(tool.commands), " ") << " "
            << Join(NamesOf(tool.options, any), " ") << R"(' ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _docspace_keys )"
            << tool.name << "\n";
}

// Returns `text` for a pair of single quotes of zsh, in which `special` has no meaning.
std::string QuotedForZsh(std::string_view text, std::string_view special) {
  std::string quoted;
  for (const char character : text) {
    if (character == '\'') {
      quoted.append("'\\''");
      continue;
    }
    if (special.find(character) != std::string_view::npos) quoted.push_back('\\');
    quoted.push_back(character);
  }
  return quoted;
}

// Returns what _arguments takes: '--output[table or json]:FORMAT:(table json)'.
std::string ZshArgument(const OptionDescription& option) {
  const std::string value = IsNamed(option) ? option.value_name : option.name;
  std::string action = NamesAFile(option) ? "_files" : " ";
  if (!option.choices.empty()) action = "(" + Join(option.choices, " ") + ")";
  std::string argument = option.is_repeatable ? "*" : "";
  if (IsNamed(option)) {
    argument += NamesOf(option).back();
    if (HasValue(option)) argument += "=";
    argument += "[" + QuotedForZsh(option.help, "[]\\") + "]";
  }
  if (!value.empty()) argument += ":" + QuotedForZsh(value, ":\\") + ":" + action;
  return "'" + argument + "'";
}

void PrintForZsh(const CommandDescription& tool) {
  std::cout << "#compdef " << tool.name << "\n# Completion of " << tool.name
            << R"( for zsh, made from its tables.
local curcontext=$curcontext state line
local -a shared commands
typeset -A opt_args
shared=(
)";
  for (const OptionDescription& option : tool.options) {
    std::cout << "  " << ZshArgument(option) << "\n";
  }
  std::cout << ")\ncommands=(\n";
  for (const CommandDescription& command : tool.commands) {
    std::cout << "  '" << QuotedForZsh(command.name + ":" + command.help, "\\") << "'\n";
  }
  std::cout << R"()
_arguments -C $shared '1:command:->command' '*::argument:->argument'
case $state in
  command) _describe command commands ;;
  argument)
    case $words[1] in
)";
  for (const CommandDescription& command : tool.commands) {
    std::cout << "      " << command.name << ")\n        _arguments $shared";
    for (const OptionDescription& option : command.options) {
      if (NamesOf(option).back() == "--help") continue;
      std::cout << " \\\n          " << ZshArgument(option);
    }
    std::cout << "\n        ;;\n";
  }
  std::cout << "    esac\n    ;;\nesac\n";
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view shell = argc == 2 ? argv[1] : "";
  const CommandDescription tool = docspace::apikeys::cli::DescribeCommandLine();
  if (shell == "bash") {
    PrintForBash(tool);
  } else if (shell == "zsh") {
    PrintForZsh(tool);
  } else {
    std::cerr << "usage: keys_completion bash|zsh\n";
    return 2;
  }
}
