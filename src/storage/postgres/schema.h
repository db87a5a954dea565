// The schema of a PostgreSQL database: which migrations it has, and bringing it up to date.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "storage/migrator.h"
#include "storage/postgres/connection.h"

namespace latchkey::storage::postgres {

bool has_table(Connection& connection, std::string_view name);

// The migrations that were applied. Empty for an empty database. Throws PostgresError.
std::vector<AppliedMigration> read_applied(Connection& connection);

// Brings the schema up to date, each step in a transaction of its own; of several processes that start at
// once, one does each step while the others wait. Fails with storage_unavailable as plan_migrations does;
// throws PostgresError when the database fails.
base::Result<void> migrate(Connection& connection, std::span<const Migration> known, const base::Clock& clock,
                           base::Logger& logger);

}  // namespace latchkey::storage::postgres
