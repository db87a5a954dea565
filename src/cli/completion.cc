// latchkey completion bash, zsh, fish: scripts made from the tree of commands itself.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Validators.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/context.h"
#include "config/table.h"

namespace latchkey::cli {
namespace {

struct Word {
  std::string text, doc;
};

// One command as completion sees it.
struct Node {
  std::string path;  // "/user/add"; empty for the program itself
  std::vector<Word> commands;
  std::vector<Word> options;  // "--email"
};

// Options whose value is a path.
const std::vector<std::string> kPathOptions = {"--config", "--data", "--from-password-file",
                                               "--to-password-file"};

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

// This command's options and commands, then those of every command below it.
void collect(const CLI::App& app, const std::string& path, std::vector<Node>& nodes,
             std::vector<std::string>& value_options) {
  Node node{.path = path, .commands = {}, .options = {}};
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      node.options.push_back({"--" + name, option->get_description()});
      if (takes_value(*option)) value_options.push_back("--" + name);
    }
  }
  const auto commands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : commands)
    node.commands.push_back({command->get_name(), command->get_description()});
  nodes.push_back(std::move(node));
  for (const CLI::App* command : commands)
    collect(*command, path + "/" + command->get_name(), nodes, value_options);
}

struct Tree {
  std::vector<Node> nodes;                 // the program first
  std::vector<std::string> value_options;  // options that take a value
};

Tree tree_of(const CLI::App& root) {
  Tree tree;
  collect(root, "", tree.nodes, tree.value_options);
  std::ranges::sort(tree.value_options);
  const auto repeated = std::ranges::unique(tree.value_options);
  tree.value_options.erase(repeated.begin(), repeated.end());
  return tree;
}

// The options of the program stand behind every command.
std::vector<Word> words_at(const Tree& tree, const Node& node) {
  std::vector<Word> words = node.commands;
  words.insert(words.end(), node.options.begin(), node.options.end());
  for (const Word& option : tree.nodes.front().options) {
    const bool is_there = std::ranges::any_of(words, [&](const Word& w) { return w.text == option.text; });
    if (!is_there) words.push_back(option);
  }
  return words;
}

// "/serve|/user|/user/add": what may stand in a case pattern.
std::string paths(const Tree& tree, std::string_view separator) {
  std::string text;
  for (const Node& node : tree.nodes) {
    if (!node.path.empty()) text.append(text.empty() ? "" : separator).append(node.path);
  }
  return text;
}

std::string joined(const std::vector<std::string>& words, std::string_view separator) {
  return fmt::format("{}", fmt::join(words, separator));
}

std::string setting_names() {
  std::vector<std::string> names;
  for (const config::Setting& setting : config::all_settings()) names.emplace_back(setting.name);
  return joined(names, " ");
}

// Single quotes around it, for any of the shells. Descriptions hold no backslashes.
std::string in_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result += c;
    }
  }
  return result + "'";
}

std::string bash_script(const Tree& tree) {
  std::string text = fmt::format(R"(# bash completion for latchkey, made by: latchkey completion bash
_latchkey() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} at= words= skip= word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    if [[ -n $skip ]]; then skip=; continue; fi
    case $word in {}) skip=1; continue ;; esac
    case $at/$word in {}) at=$at/$word ;; esac
  done
  case $prev in
    {}) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur"); return ;;
    --set) compopt -o nospace; mapfile -t COMPREPLY < <(compgen -S = -W "{}" -- "$cur"); return ;;
    {}) return ;;
  esac
  case $at in
)",
                                 joined(tree.value_options, "|"), paths(tree, "|"), joined(kPathOptions, "|"),
                                 setting_names(), joined(tree.value_options, "|"));
  for (const Node& node : tree.nodes) {
    std::vector<std::string> words;
    for (const Word& word : words_at(tree, node)) words.push_back(word.text);
    text += fmt::format("    '{}') words=\"{}\" ;;\n", node.path, joined(words, " "));
  }
  return text + R"(  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
}
complete -F _latchkey latchkey)";
}

std::string zsh_script(const Tree& tree) {
  std::string text = fmt::format(R"(#compdef latchkey
# zsh completion for latchkey, made by: latchkey completion zsh
_latchkey() {{
  local at= skip= word
  local -a choices
  for word in "${{(@)words[2,CURRENT-1]}}"; do
    if [[ -n $skip ]]; then skip=; continue; fi
    case $word in ({}) skip=1; continue ;; esac
    case $at/$word in ({}) at=$at/$word ;; esac
  done
  case ${{words[CURRENT-1]}} in
    ({}) _files; return ;;
    (--set) compadd -S = -- {}; return ;;
    ({}) return ;;
  esac
  case $at in
)",
                                 joined(tree.value_options, "|"), paths(tree, "|"), joined(kPathOptions, "|"),
                                 setting_names(), joined(tree.value_options, "|"));
  for (const Node& node : tree.nodes) {
    std::vector<std::string> words;
    for (const Word& word : words_at(tree, node)) {
      // _describe splits at the first colon that has no backslash before it.
      std::string doc = word.doc;
      for (std::size_t i = 0; (i = doc.find(':', i)) != std::string::npos; i += 2) doc.insert(i, "\\");
      words.push_back(in_quotes(word.text + ":" + doc));
    }
    text += fmt::format("    ('{}') choices=({}) ;;\n", node.path, joined(words, " "));
  }
  return text + R"(  esac
  _describe latchkey choices
}
if [[ ${funcstack[1]} == _latchkey ]]; then _latchkey; else compdef _latchkey latchkey; fi)";
}

std::string fish_script(const Tree& tree) {
  std::string text = fmt::format(R"(# fish completion for latchkey, made by: latchkey completion fish
function __latchkey_at
    set -l at ''
    set -l skip ''
    for word in (commandline -opc)[2..-1]
        if test -n "$skip"
            set skip ''
        else if contains -- $word {}
            set skip 1
        else if contains -- $at/$word {}
            set at $at/$word
        end
    end
    test "$at" = "$argv[1]"
end
complete -c latchkey -f
)",
                                 joined(tree.value_options, " "), paths(tree, " "));
  for (const Node& node : tree.nodes) {
    const std::string condition = in_quotes("__latchkey_at " + (node.path.empty() ? "''" : node.path));
    for (const Word& command : node.commands)
      text += fmt::format("complete -c latchkey -n {} -a {} -d {}\n", condition, command.text,
                          in_quotes(command.doc));
    for (const Word& option : node.options) {
      if (!node.path.empty() && option.text == "--help") continue;
      // Options of the program stand everywhere, so they have no condition.
      const std::string where = node.path.empty() ? "" : "-n " + condition + " ";
      const bool is_path = std::ranges::find(kPathOptions, option.text) != kPathOptions.end();
      const bool has_value = std::ranges::binary_search(tree.value_options, option.text);
      const std::string kind = is_path                  ? " -r -F"
                               : option.text == "--set" ? " -x -a " + in_quotes(setting_names())
                               : has_value              ? " -x"
                                                        : "";
      text += fmt::format("complete -c latchkey {}-l {}{} -d {}\n", where, option.text.substr(2), kind,
                          in_quotes(option.doc));
    }
  }
  text.pop_back();
  return text;
}

}  // namespace

void add_completion(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("completion", "Print a script that completes commands in a shell");
  auto shell = std::make_shared<std::string>();
  command->add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer(
      "bash: latchkey completion bash > /etc/bash_completion.d/latchkey\n"
      "zsh:  latchkey completion zsh > a folder of $fpath/_latchkey\n"
      "fish: latchkey completion fish > ~/.config/fish/completions/latchkey.fish");
  command->callback([&root, &context, shell] {
    context.command = [&root, &context, shell] {
      const Tree tree = tree_of(root);
      const std::string script = *shell == "bash"  ? bash_script(tree)
                                 : *shell == "zsh" ? zsh_script(tree)
                                                   : fish_script(tree);
      std::string json;
      base::JsonWriter(json).begin_object().member("script", script).end_object();
      return context.print(script, json);
    };
  });
}

}  // namespace latchkey::cli
