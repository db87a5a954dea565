// A SQLite file as one end of a move between databases.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "storage/transfer/database.h"

namespace latchkey::storage::sqlite {

struct TransferSettings {
  std::filesystem::path file;
  transfer::Use use = transfer::Use::look;
  std::string vfs = {};  // SQLite's name of the file system to use; empty: the system's
};

// Opens the file. Unless it only looks, nobody else can use the file while this is open: it fails with
// storage_unavailable when a server does. Fails like open_sqlite_store otherwise; only a target may be
// missing. `clock` and `logger` must outlive it.
base::Result<std::unique_ptr<transfer::Target>> open_transfer(const TransferSettings& settings,
                                                              const base::Clock& clock, base::Logger& logger);

// What this program's migrations make, by running them in memory: what there is to move. The tables of every
// dialect are the same, and a test compares them.
std::vector<transfer::Table> tables_of_migrations();

}  // namespace latchkey::storage::sqlite
