#include "storage/sqlite/database_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace latchkey::storage::sqlite {
namespace {

// "Ltch": marks the file as ours in its header.
constexpr std::int64_t kApplicationId = 0x4c746368;

std::unexpected<base::Error> refuse(std::string message, std::string detail = {}) {
  return base::fail({.code = base::ErrorCode::storage_unavailable,
                     .detail = detail.empty() ? message : std::move(detail),
                     .message = message});
}

std::string advice_for_creating(int error, const std::filesystem::path& file) {
  const std::string folder = file.parent_path().empty() ? "." : file.parent_path().string();
  switch (error) {
    case ENOENT:
    case ENOTDIR:
      return fmt::format("The folder {} for the database does not exist. Create it, or name another.",
                         folder);
    case EACCES:
    case EPERM:
    case EROFS:
      return fmt::format(
          "The database {} cannot be created because its folder is not writable. Let the user that runs "
          "Latchkey write to {}, or name another folder.",
          file.string(), folder);
    case ENOSPC:
    case EDQUOT:
      return fmt::format("The disk with the folder {} is full. Make room and start again.", folder);
    default:
      return fmt::format("The database {} cannot be created: {}.", file.string(),
                         std::generic_category().message(error));
  }
}

// SQLite does not wait for a lock while it changes the journal mode, which happens when several processes
// make the same database.
void switch_to_wal(Connection& connection, base::Milliseconds patience) {
  constexpr base::Milliseconds kPause{10};
  for (base::Milliseconds waited{0};; waited += kPause) {
    try {
      if (connection.query_text("PRAGMA journal_mode = WAL") == "wal") return;
      throw SqliteError(SQLITE_CANTOPEN, "PRAGMA journal_mode = WAL",
                        "the file system cannot share memory between processes");
    } catch (const SqliteError& error) {
      if (error.primary_code() != SQLITE_BUSY || waited >= patience) throw;
    }
    sqlite3_sleep(static_cast<int>(kPause.count()));
  }
}

// Reads the first page of each table.
void probe_tables(Connection& connection) {
  for (const char* sql :
       {"SELECT 1 FROM users LIMIT 1", "SELECT 1 FROM passwords LIMIT 1", "SELECT 1 FROM sessions LIMIT 1",
        "SELECT 1 FROM keys LIMIT 1", "SELECT 1 FROM events LIMIT 1"}) {
    Statement(connection, sql).bind().step();
  }
}

}  // namespace

base::Result<void> make_file_if_missing(const std::filesystem::path& file) {
  // O_EXCL: an existing file must not be opened and closed here, since closing drops the locks that this
  // process may have on it.
  const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0) {
    if (errno == EEXIST) return {};
    return refuse(advice_for_creating(errno, file));
  }
  ::close(made);
  // SQLite makes the file's contents durable, but not its name.
  const std::filesystem::path folder = file.parent_path().empty() ? "." : file.parent_path();
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened >= 0) {
    ::fsync(opened);
    ::close(opened);
  }
  return {};
}

bool has_table(Connection& connection, std::string_view name) {
  Statement statement(connection, "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?");
  return statement.bind(name).step();
}

base::Result<std::unique_ptr<SqliteTx>> open_checked(const ConnectionOptions& options, Opening opening) {
  std::error_code ignored;
  if (std::filesystem::is_directory(options.file, ignored)) {
    return refuse(fmt::format("{} is a folder. Name a file in it as the database.", options.file.string()));
  }
  try {
    auto tx = std::make_unique<SqliteTx>(options);
    Connection& connection = tx->connection;
    // In this order: a process that makes the schema now commits both at once.
    const std::int64_t schema_entries = connection.query_integer("SELECT count(*) FROM sqlite_schema");
    const std::int64_t application = connection.query_integer("PRAGMA application_id");
    if (application != kApplicationId && schema_entries > 0) {
      return refuse(
          fmt::format("{} is the database of another program. Name another file.", options.file.string()));
    }
    if (opening == Opening::use) switch_to_wal(connection, options.busy_timeout);
    if (has_table(connection, "schema_migrations")) probe_tables(connection);
    return tx;
  } catch (const SqliteError& error) {
    return base::fail(explain_open_failure(error, options.file.string()));
  }
}

std::vector<AppliedMigration> read_applied(Connection& connection) {
  std::vector<AppliedMigration> applied;
  if (!has_table(connection, "schema_migrations")) return applied;
  Statement statement(connection, "SELECT number, name, checksum FROM schema_migrations ORDER BY number");
  Query row = statement.bind();
  while (row.step()) {
    const auto number = row.unsigned_integer<std::uint32_t>();
    std::string name = row.text();
    applied.push_back({.number = number, .name = std::move(name), .checksum = row.text()});
  }
  return applied;
}

base::Result<void> migrate(Connection& connection, std::span<const Migration> known, const base::Clock& clock,
                           base::Logger& logger) {
  const auto plan = [&] { return plan_migrations(known, read_applied(connection)); };
  base::Result<std::vector<Migration>> missing = plan();
  if (!missing) return base::fail(missing.error());
  if (missing->empty()) return {};

  try {
    connection.execute("BEGIN IMMEDIATE");
    missing = plan();  // another process may have been faster
    if (!missing) {
      connection.roll_back();
      return base::fail(missing.error());
    }
    connection.execute(
        fmt::format("PRAGMA application_id = {};"
                    "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER NOT NULL PRIMARY KEY, "
                    "name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT",
                    kApplicationId)
            .c_str());
    for (const Migration& step : *missing) {
      connection.execute(std::string(step.sql).c_str());
      Statement(connection,
                "INSERT INTO schema_migrations (number, name, checksum, applied_at) VALUES (?, ?, ?, ?)")
          .run(step.number, step.name, migration_checksum(step), clock.now());
    }
    connection.execute("COMMIT");
  } catch (...) {
    connection.roll_back();
    throw;
  }
  for (const Migration& step : *missing) {
    logger.info("migration applied", {{"number", step.number}, {"name", step.name}});
  }
  return {};
}

}  // namespace latchkey::storage::sqlite
