// latchkey migrate --from … --to …: everything from one database to another.
#pragma once

#include <optional>
#include <string>

#include "cli/context.h"

namespace latchkey::cli {

struct MoveOptions {
  std::optional<std::string> from, to;  // addresses; nothing: the configured database
  std::string from_password_file, to_password_file;
  bool dry_run = false;
};

ExitCode move_database(Context& context, const MoveOptions& options);

}  // namespace latchkey::cli
