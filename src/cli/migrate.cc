// latchkey migrate
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <algorithm>
#include <memory>

#include "app/open_store.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/table.h"

namespace latchkey::cli {
namespace {

ExitCode print_migrations(Context& context, std::string_view heading,
                          const std::vector<storage::MigrationStatus>& migrations) {
  std::vector<std::vector<std::string>> rows;
  std::string text;
  base::JsonWriter json(text);
  json.begin_object().key("migrations").begin_array();
  for (const auto& migration : migrations) {
    json.begin_object()
        .member("number", std::int64_t{migration.number})
        .member("name", migration.name)
        .member("applied", migration.is_applied)
        .end_object();
    rows.push_back(
        {fmt::format("{:04}", migration.number), migration.name, migration.is_applied ? "applied" : "to do"});
  }
  json.end_array().end_object();
  return context.print(std::string(heading) + render_table({"NUMBER", "NAME", "STATE"}, rows), text);
}

// Opening the store brings its schema up to date.
ExitCode migrate(Context& context, bool only_status) {
  const auto configuration = context.load_configuration();
  if (!configuration) return configuration.error();
  const config::Settings& settings = configuration->settings;
  if (!only_status) {
    const auto application = context.open(settings);
    if (!application) return application.error();
  }
  const auto migrations = app::read_migrations(settings, base::SystemClock());
  if (!migrations) return context.fail(migrations.error());
  return print_migrations(context, only_status ? "" : "The database is up to date.\n", *migrations);
}

}  // namespace

void add_migrate(CLI::App& root, Context& context) {
  CLI::App* command =
      root.add_subcommand("migrate", "Bring the database up to date; serve does so by itself");
  auto only_status = std::make_shared<bool>(false);
  command->add_flag("--status", *only_status, "Show the steps and change nothing");
  command->callback([&context, only_status] {
    context.command = [&context, only_status] { return migrate(context, *only_status); };
  });
}

}  // namespace latchkey::cli
