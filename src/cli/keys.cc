// latchkey keys list, rotate
#include <CLI/App.hpp>

#include "cli/commands.h"
#include "cli/context.h"
#include "cli/table.h"
#include "flows/manage_keys.h"

namespace latchkey::cli {
namespace {

ExitCode print_keys(Context& context, flows::Environment& live, std::string_view heading) {
  std::vector<std::vector<std::string>> rows;
  std::string text;
  base::JsonWriter json(text);
  json.begin_object().key("keys").begin_array();
  for (const domain::StoredKey& key : flows::list_keys(live)) {
    json.begin_object()
        .member("kid", key.kid)
        .member("purpose", key.purpose)
        .member("algorithm", key.algorithm)
        .member("state", domain::to_string(key.state));
    write_time(json, "created_at", key.created_at);
    write_time(json, "activated_at", key.activated_at);
    write_time(json, "retired_at", key.retired_at);
    json.end_object();
    rows.push_back({key.kid, key.purpose, key.algorithm, std::string(domain::to_string(key.state)),
                    time_text(key.created_at), time_text(key.activated_at), time_text(key.retired_at)});
  }
  json.end_array().end_object();
  const std::string table =
      render_table({"KEY ID", "PURPOSE", "ALGORITHM", "STATE", "CREATED", "ACTIVE SINCE", "RETIRED"}, rows);
  return context.print(std::string(heading) + table, text);
}

ExitCode list_keys(Context& context) {
  const auto application = context.open();
  if (!application) return application.error();
  return print_keys(context, (*application)->live(), "");
}

ExitCode rotate_keys(Context& context) {
  const auto application = context.open();
  if (!application) return application.error();
  flows::rotate_keys((*application)->live());
  return print_keys(context, (*application)->live(),
                    "Rotated. A running server takes the keys up within seconds; nobody is signed out.\n");
}

}  // namespace

void add_keys(CLI::App& root, Context& context) {
  CLI::App* group = root.add_subcommand("keys", "Manage the keys that sign access tokens");
  group->require_subcommand(1);
  group->add_subcommand("list", "List the keys, without their secret parts")->callback([&context] {
    context.command = [&context] { return list_keys(context); };
  });
  group->add_subcommand("rotate", "Sign with the next key from now on; nobody is signed out")
      ->callback([&context] { context.command = [&context] { return rotate_keys(context); }; });
}

}  // namespace latchkey::cli
