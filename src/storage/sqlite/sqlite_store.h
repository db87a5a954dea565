// The embedded database: domain::Store on a SQLite file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "domain/store.h"
#include "storage/migrator.h"

namespace latchkey::storage::sqlite {

using storage::MigrationMode;
using storage::MigrationStatus;

struct SqliteSettings {
  // Nothing: a private database in memory, gone when the store is closed; for tests.
  std::optional<std::filesystem::path> file = {};
  MigrationMode migrations = MigrationMode::apply;
  std::uint32_t write_queue_length = 1024;  // waiting transactions; one more is refused as overloaded
  std::uint32_t write_batch_size = 128;     // transactions in one commit, at most
  // How long writes that are to share a commit wait for company. Some five logins share one when a core
  // finishes a hash in ten milliseconds; they have waited ten times as long for their turn to be hashed.
  base::Milliseconds longest_write_hold{25};
  base::Milliseconds busy_timeout{5000};  // patience with other processes that write
  std::uint32_t writer_cache_kib = 4096;
  std::uint32_t reader_cache_kib = 1024;  // each
  std::uint32_t max_idle_readers = 8;
  std::uint32_t checkpoint_pages =
      2000;              // of the write-ahead log between checkpoints; it grows to some five times that
  std::string vfs = {};  // SQLite's name of the file system to use; empty: the system's
};

// Opens the database, makes it when the file is missing (with mode 0600), and brings its schema up to date.
// Fails with storage_unavailable; the message says what to do: no folder, not writable, locked, no database,
// damaged, newer than this program, disk full. `logger` must outlive the store. Other processes may use the
// file at the same time, but it must be on a local disk.
base::Result<std::unique_ptr<domain::Store>> open_sqlite_store(const SqliteSettings& settings,
                                                               const base::Clock& clock,
                                                               base::Logger& logger);

// The steps this program knows, and whether the file has them. Changes nothing; fails like open_sqlite_store.
base::Result<std::vector<MigrationStatus>> read_sqlite_migrations(const SqliteSettings& settings);

}  // namespace latchkey::storage::sqlite
