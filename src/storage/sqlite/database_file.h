// A database file from nothing to ready: its mode, its format, its schema.
#pragma once

#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "storage/migrator.h"
#include "storage/sqlite/transaction.h"

namespace latchkey::storage::sqlite {

// Makes the file, empty and with mode 0600, unless it is there. Fails with storage_unavailable and a message
// that says what to do.
base::Result<void> make_file_if_missing(const std::filesystem::path& file);

enum class Opening : std::uint8_t {
  use,   // switches WAL on
  look,  // changes nothing
};

// Opens the file for writing and checks that it is a sound database of Latchkey. Fails like
// make_file_if_missing. Reads a few pages only: damage further in shows when it is met.
base::Result<std::unique_ptr<SqliteTx>> open_checked(const ConnectionOptions& options,
                                                     Opening opening = Opening::use);

bool has_table(Connection& connection, std::string_view name);

// The migrations that were applied. Empty for an empty database.
std::vector<AppliedMigration> read_applied(Connection& connection);

// Brings the schema up to date, all steps in one transaction; of several processes that start at once, one
// does it. Fails with storage_unavailable as plan_migrations does; throws SqliteError when the database
// fails.
base::Result<void> migrate(Connection& connection, std::span<const Migration> known, const base::Clock& clock,
                           base::Logger& logger);

}  // namespace latchkey::storage::sqlite
