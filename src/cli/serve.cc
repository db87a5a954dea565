// latchkey serve
#include "app/serve.h"

#include <CLI/App.hpp>

#include "cli/commands.h"
#include "cli/context.h"

namespace latchkey::cli {
namespace {

ExitCode serve(Context& context) {
  const auto loader = context.loader();
  if (!loader) return loader.error();
  const auto configuration = context.load_configuration();
  if (!configuration) return configuration.error();
  const auto& log_settings = configuration->settings.log;
  const base::LogFormat format = context.wants_json() ? base::LogFormat::json : log_settings.format;
  const auto logger = base::make_stderr_logger(format, log_settings.level);
  for (const config::Problem& warning : configuration->warnings)
    logger->warn("configuration", {{"problem", warning.text()}});
  return static_cast<ExitCode>(app::serve(configuration->settings, *loader, *logger));
}

}  // namespace

void add_serve(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("serve", "Run the server until SIGTERM or Ctrl-C; SIGHUP reloads");
  command->callback([&context] { context.command = [&context] { return serve(context); }; });
}

}  // namespace latchkey::cli
