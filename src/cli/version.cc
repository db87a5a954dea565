// latchkey version
#include "base/version.h"

#include <CLI/App.hpp>

#include "base/json_text.h"
#include "cli/commands.h"
#include "cli/context.h"

namespace latchkey::cli {

void add_version(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("version", "Print the version");
  command->callback([&context] {
    context.command = [&context] {
      std::string json;
      base::JsonWriter(json).begin_object().member("version", base::version()).end_object();
      return context.print("latchkey " + std::string(base::version()), json);
    };
  });
}

}  // namespace latchkey::cli
