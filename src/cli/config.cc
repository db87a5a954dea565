// latchkey config check, print, reference
#include <CLI/App.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "config/render.h"

namespace latchkey::cli {
namespace {

std::string without_last_line_end(std::string text) {
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

// Here the problems are the result, so they go to standard output.
ExitCode check(Context& context) {
  const auto loader = context.loader();
  if (!loader) return loader.error();
  const auto configuration = loader->load(config::Machine::current());
  const auto& problems = configuration ? configuration->warnings : configuration.error();
  const char* verdict = configuration ? "The configuration is right." : "The configuration has mistakes.";
  const ExitCode printed =
      context.print(config::render_problems(problems) + verdict, config::render_problems_json(problems));
  return configuration ? printed : ExitCode::configuration;
}

ExitCode print(Context& context) {
  const auto configuration = context.load_configuration();
  if (!configuration) return configuration.error();
  return context.print(without_last_line_end(config::render_toml(*configuration)),
                       config::render_json(*configuration));
}

ExitCode reference(Context& context) {
  return context.print(without_last_line_end(config::render_reference()), config::render_reference_json());
}

}  // namespace

void add_config(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand("config", "Check and show the configuration");
  group->require_subcommand(1);
  const auto add = [&](const char* name, const char* doc, ExitCode (*run)(Context&)) {
    group->add_subcommand(name, doc)->callback(
        [&context, run] { context.command = [&context, run] { return run(context); }; });
  };
  add("check", "Name everything that is wrong with the configuration", check);
  add("print", "Print every setting and where its value came from; secrets are hidden", print);
  add("reference", "Print what can be set, as Markdown", reference);
}

}  // namespace latchkey::cli
