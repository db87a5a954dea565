// latchkey openapi
#include <CLI/App.hpp>

#include "app/serve.h"
#include "cli/commands.h"
#include "cli/context.h"

namespace latchkey::cli {

void add_openapi(CLI::App& root, Context& context) {
  CLI::App* command = root.add_subcommand("openapi", "Print the OpenAPI 3.1 document of the API");
  command->callback([&context] {
    context.command = [&context] {
      const auto configuration = context.load_configuration();
      if (!configuration) return configuration.error();
      const std::string document = app::openapi_document(configuration->settings);
      return context.print(document, document);
    };
  });
}

}  // namespace latchkey::cli
