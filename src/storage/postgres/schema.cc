#include "storage/postgres/schema.h"

namespace latchkey::storage::postgres {
namespace {

// A step may rewrite a large table, and another process may be at it.
constexpr base::Milliseconds kPatienceWithSteps{3'600'000};
constexpr int kMostAttempts = 20;

constexpr Statement kHasTable("SELECT to_regclass($1) IS NOT NULL");
constexpr Statement kReadApplied("SELECT number, name, checksum FROM schema_migrations ORDER BY number");
// The row of a step is also its lock: whoever comes second waits here until the first one's transaction ends,
// and then finds that there is nothing left to do.
constexpr Statement kClaimStep(
    "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES ($1, $2, $3, $4) "
    "ON CONFLICT DO NOTHING");

// Runs `work` again while others are at the same thing.
template <class Work>
auto with_patience(Work work) {
  for (int attempt = 1;; ++attempt) {
    try {
      return work();
    } catch (const PostgresError& error) {
      // "IF NOT EXISTS" looks before it leaps, so that two who leap at once can meet in the catalog.
      const bool is_race = error.failure() == Failure::conflict || error.failure() == Failure::taken ||
                           error.sqlstate() == "42P07" || error.sqlstate() == "42710" ||
                           error.sqlstate() == "XX000";
      if (!is_race || attempt == kMostAttempts) throw;
    }
  }
}

// False when another process was faster.
bool apply(Connection& connection, const Migration& step, base::Timestamp now) {
  connection.begin_write();
  try {
    const Rows claimed = connection.run(kClaimStep, step.number, step.name, migration_checksum(step), now);
    if (claimed.changed() == 0) {
      connection.roll_back();
      return false;
    }
    connection.run_script(std::string(step.sql), kPatienceWithSteps);
    connection.commit();
    return true;
  } catch (...) {
    connection.roll_back();
    throw;
  }
}

}  // namespace

bool has_table(Connection& connection, std::string_view name) {
  Rows exists = connection.run(kHasTable, name);
  exists.step();
  return exists.flag();
}

std::vector<AppliedMigration> read_applied(Connection& connection) {
  std::vector<AppliedMigration> applied;
  if (has_table(connection, "schema_migrations")) {
    Rows row = connection.run(kReadApplied);
    while (row.step()) {
      const auto number = row.unsigned_integer<std::uint32_t>();
      std::string name = row.text();
      applied.push_back({.number = number, .name = std::move(name), .checksum = row.text()});
    }
  }
  connection.finish_pipeline();
  return applied;
}

base::Result<void> migrate(Connection& connection, std::span<const Migration> known, const base::Clock& clock,
                           base::Logger& logger) {
  for (;;) {
    auto missing = plan_migrations(known, read_applied(connection));
    if (!missing) return base::fail(missing.error());
    if (missing->empty()) return {};
    with_patience([&] {
      connection.run_script(
          "CREATE TABLE IF NOT EXISTS schema_migrations (number bigint NOT NULL PRIMARY KEY, name text NOT "
          "NULL, "
          "checksum text NOT NULL, applied_at bigint NOT NULL)",
          kPatienceWithSteps);
    });
    for (const Migration& step : *missing) {
      const bool applied = with_patience([&] { return apply(connection, step, clock.now()); });
      if (!applied) break;  // look again
      logger.info("migration applied", {{"number", step.number}, {"name", step.name}});
    }
  }
}

}  // namespace latchkey::storage::postgres
