// Which migrations a database still needs, decided without touching one: the same for every SQL dialect.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace latchkey::storage {

// One step of the schema, compiled in from migrations/<dialect>/<number>_<name>.sql. Steps go forward only,
// and a released one is never edited.
struct Migration {
  std::uint32_t number;  // from 1, without gaps
  std::string_view name;
  std::string_view sql;
};

// A step as the database remembers it.
struct AppliedMigration {
  std::uint32_t number;
  std::string name;
  std::string checksum;
};

// What a store does at its opening when its schema is older than the program.
enum class MigrationMode : std::uint8_t {
  apply,   // bring it up to date
  refuse,  // fail
};

// A step of the schema, for `latchkey migrate`.
struct MigrationStatus {
  std::uint32_t number;
  std::string name;
  bool is_applied;
};

// SHA-256 of the step's text, in hexadecimal.
std::string migration_checksum(const Migration& migration);

// The steps of `known` that are still to be run, in order; none when the database is up to date. Fails with
// storage_unavailable, and a message that says what to do, when the database is newer than `known`, when a
// step was applied with another text or name, or when one is missing.
base::Result<std::vector<Migration>> plan_migrations(std::span<const Migration> known,
                                                     std::span<const AppliedMigration> applied);

}  // namespace latchkey::storage
