#include "app/open_store.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

#include "storage/postgres/postgres_store.h"
#include "storage/postgres/postgres_transfer.h"
#include "storage/sqlite/sqlite_store.h"
#include "storage/sqlite/sqlite_transfer.h"

namespace latchkey::app {
namespace {

storage::sqlite::SqliteSettings sqlite_settings(const config::Settings& settings) {
  storage::sqlite::SqliteSettings result;
  result.file = config::database_file(settings);
  result.write_queue_length = settings.database.write_queue;
  return result;
}

// The first line of the file.
base::Result<base::Secret> read_password(const std::filesystem::path& file) {
  if (file.empty()) return base::Secret();
  std::ifstream in(file);
  std::string line;
  if (!std::getline(in, line) || line.empty()) {
    return base::fail(
        {.code = base::ErrorCode::storage_unavailable,
         .detail = "no password in database.password_file",
         .message = fmt::format("The file {} (database.password_file) has no password on its first line.",
                                file.string())});
  }
  if (line.back() == '\r') line.pop_back();
  return base::Secret(std::move(line));
}

base::Result<storage::postgres::PostgresSettings> postgres_settings(const config::Settings& settings) {
  auto password = read_password(settings.database.password_file);
  if (!password) return base::fail(std::move(password.error()));
  storage::postgres::PostgresSettings result;
  result.address = base::Secret(settings.database.url.text);
  result.password = std::move(*password);
  result.pool_size = settings.database.pool_size;
  result.connect_timeout = settings.database.connect_timeout;
  result.acquire_timeout = settings.database.acquire_timeout;
  result.statement_timeout = settings.database.statement_timeout;
  return result;
}

}  // namespace

base::Result<std::unique_ptr<domain::Store>> open_store(const config::Settings& settings,
                                                        const base::Clock& clock, base::Logger& log) {
  if (!settings.database.url.is_postgres()) {
    return storage::sqlite::open_sqlite_store(sqlite_settings(settings), clock, log);
  }
  const auto postgres = postgres_settings(settings);
  if (!postgres) return base::fail(postgres.error());
  return storage::postgres::open_postgres_store(*postgres, clock, log);
}

base::Result<std::vector<storage::MigrationStatus>> read_migrations(const config::Settings& settings,
                                                                    const base::Clock& clock) {
  if (!settings.database.url.is_postgres()) {
    return storage::sqlite::read_sqlite_migrations(sqlite_settings(settings));
  }
  const auto postgres = postgres_settings(settings);
  if (!postgres) return base::fail(postgres.error());
  return storage::postgres::read_postgres_migrations(*postgres, clock);
}

base::Result<std::unique_ptr<storage::transfer::Target>> open_transfer(const config::Settings& settings,
                                                                       storage::transfer::Use use,
                                                                       const base::Clock& clock,
                                                                       base::Logger& log) {
  if (const auto file = config::database_file(settings)) {
    return storage::sqlite::open_transfer({.file = *file, .use = use}, clock, log);
  }
  const auto postgres = postgres_settings(settings);
  if (!postgres) return base::fail(postgres.error());
  return storage::postgres::open_transfer({.address = postgres->address,
                                           .password = postgres->password,
                                           .connect_timeout = postgres->connect_timeout,
                                           .use = use},
                                          clock, log);
}

std::string describe_database(const config::Settings& settings) {
  const auto file = config::database_file(settings);
  if (!file) return settings.database.url.shown();
  return std::filesystem::absolute(*file).lexically_normal().string();
}

}  // namespace latchkey::app
