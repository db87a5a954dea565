// The commands, one source file each: every function adds its command to the tree and says what to run.
#pragma once

namespace CLI {
class App;
}

namespace latchkey::cli {

class Context;

void add_serve(CLI::App& root, Context& context);
void add_user(CLI::App& root, Context& context);
void add_session(CLI::App& root, Context& context);
void add_keys(CLI::App& root, Context& context);
void add_migrate(CLI::App& root, Context& context);
void add_config(CLI::App& root, Context& context);
void add_doctor(CLI::App& root, Context& context);
void add_openapi(CLI::App& root, Context& context);
void add_completion(CLI::App& root, Context& context);
void add_version(CLI::App& root, Context& context);

}  // namespace latchkey::cli
