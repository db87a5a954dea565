#include "storage/migrator.h"

#include <fmt/format.h>

#include <algorithm>

#include "crypto/digest.h"

namespace latchkey::storage {
namespace {

std::unexpected<base::Error> refuse(std::string message) {
  base::Error error{.code = base::ErrorCode::storage_unavailable, .detail = message};
  error.message = std::move(message);
  return base::fail(std::move(error));
}

}  // namespace

std::string migration_checksum(const Migration& migration) {
  std::string text;
  for (const std::byte b : crypto::sha256(migration.sql))
    fmt::format_to(std::back_inserter(text), "{:02x}", b);
  return text;
}

base::Result<std::vector<Migration>> plan_migrations(std::span<const Migration> known,
                                                     std::span<const AppliedMigration> applied) {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const AppliedMigration& step = applied[i];
    if (step.number != i + 1) {
      return refuse(fmt::format(
          "The database has no record of migration {}, but has one of {}: its schema_migrations table was "
          "changed by hand. Restore the database from a backup.",
          i + 1, step.number));
    }
    if (i >= known.size()) {
      return refuse(fmt::format(
          "The database is newer than this program: it has migration {} ({}), and this program knows {}. "
          "Start the version of Latchkey that made it, or a later one.",
          applied.back().number, applied.back().name, known.size()));
    }
    if (step.name != known[i].name || step.checksum != migration_checksum(known[i])) {
      return refuse(
          fmt::format("Migration {} of the database ({}) is not the one this program knows ({}): the "
                      "database was made by "
                      "another build. Start that build, or restore the database from a backup.",
                      step.number, step.name, known[i].name));
    }
  }
  return std::vector<Migration>(known.begin() + static_cast<std::ptrdiff_t>(applied.size()), known.end());
}

}  // namespace latchkey::storage
