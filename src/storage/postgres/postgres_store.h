// The database server: domain::Store on PostgreSQL, and on what speaks its protocol and its SQL.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"
#include "domain/store.h"
#include "storage/migrator.h"

namespace latchkey::storage::postgres {

enum class PreparedStatements : std::uint8_t {
  automatic,  // unless a pooler is in between
  always,     // the pooler keeps them itself: PgBouncer 1.21 with max_prepared_statements
  never,
};

struct PostgresSettings {
  // postgres://user@host:5432/name?sslmode=verify-full, or "host=… dbname=…": what libpq takes, with several
  // hosts if there are standbys. May contain a password.
  base::Secret address = {};
  base::Secret password = {};  // unless empty, stands for the one in the address
  MigrationMode migrations = MigrationMode::apply;
  std::uint32_t pool_size = 16;                // connections; that many transactions at the same time
  base::Milliseconds connect_timeout{3000};    // for one host; rounded up to seconds, at least two
  base::Milliseconds acquire_timeout{2000};    // patience when all connections are in use; then overloaded
  base::Milliseconds statement_timeout{5000};  // what takes longer fails with storage_unavailable
  PreparedStatements prepared_statements = PreparedStatements::automatic;
};

// Connects and brings the schema up to date. Fails with storage_unavailable; the message says what to do
// (wrong password, no such database, server away, TLS wanted, server too old, schema newer than this program)
// and never contains the password. `clock` and `logger` must outlive the store. Other processes may use the
// database at the same time.
//
// A write transaction is serializable, as it is in SQLite, where there is one writer: what conflicts is run
// again. It takes one round trip for each result that `work` looks at and one for COMMIT; what returns
// nothing waits for the next of these. A read takes one round trip a statement. A lost connection is
// replaced, and the transaction run again if it had not reached COMMIT.
base::Result<std::unique_ptr<domain::Store>> open_postgres_store(const PostgresSettings& settings,
                                                                 const base::Clock& clock,
                                                                 base::Logger& logger);

// The steps this program knows, and whether the database has them. Changes nothing; fails like
// open_postgres_store.
base::Result<std::vector<MigrationStatus>> read_postgres_migrations(const PostgresSettings& settings,
                                                                    const base::Clock& clock);

}  // namespace latchkey::storage::postgres
