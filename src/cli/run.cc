#include "cli/run.h"

#include <CLI/CLI.hpp>
#include <string_view>
#include <utility>

#include "base/infra_error.h"
#include "cli/commands.h"
#include "cli/context.h"

namespace latchkey::cli {
namespace {

constexpr const char* kExitCodes =
    "Exit codes:\n"
    "  0  done\n"
    "  1  not possible: no such user, a weak password, the server could not start\n"
    "  2  the arguments are not right\n"
    "  3  the configuration has mistakes\n"
    "  4  the database or the keys cannot be opened, read or written\n"
    "  5  what a move has copied is not what was sent";

void add_global_options(CLI::App& root, GlobalOptions& options) {
  root.add_option("--config", options.config, "Configuration file (default: ./latchkey.toml if it is there)")
      ->type_name("FILE");
  root.add_option("--data", options.data, "Folder of the database and the keys: data.path")
      ->type_name("FOLDER");
  root.add_option("--database", options.database, "Database: database.url")->type_name("URL");
  root.add_option("--listen", options.listen, "Address and port of the server: server.listen")
      ->type_name("ADDRESS:PORT");
  root.add_option("--set", options.set,
                  "Any setting; may be given again (latchkey config reference lists them)")
      ->type_name("SECTION.KEY=VALUE")
      ->expected(1)
      ->take_all();
  root.add_flag("--json", options.json, "Print results and errors as JSON");
}

// --json counts for errors in the arguments too, wherever it stands.
bool mentions_json(int argc, const char* const* argv) {
  for (int i = 1; i < argc; ++i) {
    if (std::string_view(argv[i]) == "--json") return true;
  }
  return false;
}

// The command that the arguments got to, as one would type it: for "see … --help".
std::string path_of(const CLI::App& app) {
  const auto chosen = app.get_subcommands();
  return app.get_name() + (chosen.empty() ? "" : " " + path_of(*chosen.front()));
}

}  // namespace

int run(int argc, const char* const* argv) {
  Context context;
  CLI::App root("Latchkey: sign-up, login and sessions for apps, from one binary.", "latchkey");
  root.fallthrough();  // the options below may stand behind the command as well
  root.require_subcommand(1);
  root.footer(kExitCodes);
  add_global_options(root, context.options);
  add_serve(root, context);
  add_user(root, context);
  add_session(root, context);
  add_keys(root, context);
  add_migrate(root, context);
  add_config(root, context);
  add_doctor(root, context);
  add_openapi(root, context);
  add_completion(root, context);
  add_version(root, context);

  try {
    root.parse(argc, argv);
    return static_cast<int>(context.command());
  } catch (const CLI::CallForHelp&) {
    const std::string help = root.help();
    return static_cast<int>(context.print(help.substr(0, help.find_last_not_of('\n') + 1), "null"));
  } catch (const CLI::ParseError& error) {
    context.options.json = mentions_json(argc, argv);
    return static_cast<int>(
        context.fail_usage(std::string(error.what()) + "; see " + path_of(root) + " --help"));
  } catch (const base::InfraError& error) {
    return static_cast<int>(context.fail({.code = error.code(), .detail = error.what()}));
  } catch (const std::exception& error) {
    return static_cast<int>(context.fail({.code = base::ErrorCode::internal_error, .detail = error.what()}));
  }
}

}  // namespace latchkey::cli
