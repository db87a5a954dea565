// The databases there are, and which one the settings name: nothing else outside storage/ knows them apart.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "config/settings.h"
#include "domain/store.h"
#include "storage/migrator.h"
#include "storage/transfer/database.h"

namespace latchkey::app {

// Opens the database and brings its schema up to date. Fails with storage_unavailable and a message that says
// what to do.
base::Result<std::unique_ptr<domain::Store>> open_store(const config::Settings& settings,
                                                        const base::Clock& clock, base::Logger& log);

// The steps of the schema, and which of them the database has. Changes nothing; fails like open_store.
base::Result<std::vector<storage::MigrationStatus>> read_migrations(const config::Settings& settings,
                                                                    const base::Clock& clock);

// Opens the database as one end of a move (storage/transfer). Fails like open_store, and when it is in use.
base::Result<std::unique_ptr<storage::transfer::Target>> open_transfer(const config::Settings& settings,
                                                                       storage::transfer::Use use,
                                                                       const base::Clock& clock,
                                                                       base::Logger& log);

// Where the data is, for people: the file's whole path, or the address without its password.
std::string describe_database(const config::Settings& settings);

}  // namespace latchkey::app
