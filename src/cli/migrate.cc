// latchkey migrate: the schema; moves are in move.cc
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Error.hpp>
#include <algorithm>
#include <memory>

#include "app/open_store.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/move.h"
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
  CLI::App* command = root.add_subcommand(
      "migrate", "Bring the database up to date (serve does so by itself), or move it to another place");
  auto only_status = std::make_shared<bool>(false);
  auto move = std::make_shared<MoveOptions>();
  CLI::Option* status = command->add_flag("--status", *only_status, "Show the steps and change nothing");
  const auto add = [&](const char* name, auto& value, const char* type, const char* doc) {
    return command->add_option(name, value, doc)->type_name(type)->excludes(status);
  };
  CLI::Option* from =
      add("--from", move->from, "URL", "Move everything from this database (default: the configured)");
  CLI::Option* to =
      add("--to", move->to, "URL", "Move everything to this one, which is empty (default: the configured)");
  add("--from-password-file", move->from_password_file, "FILE", "File with the password for --from")
      ->needs(from);
  add("--to-password-file", move->to_password_file, "FILE", "File with the password for --to")->needs(to);
  CLI::Option* dry_run =
      command->add_flag("--dry-run", move->dry_run, "Say what would be moved and change nothing")
          ->excludes(status);
  command->callback([&context, only_status, move, from, to, dry_run] {
    const bool is_move = from->count() + to->count() > 0;
    if (dry_run->count() > 0 && !is_move) throw CLI::RequiresError("--dry-run", "--from or --to");
    context.command = [&context, only_status, move, is_move] {
      return is_move ? move_database(context, *move) : migrate(context, *only_status);
    };
  });
}

}  // namespace latchkey::cli
