// A PostgreSQL database as one end of a move between databases.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"
#include "storage/transfer/database.h"

namespace latchkey::storage::postgres {

struct TransferSettings {
  // As in PostgresSettings.
  base::Secret address = {};
  base::Secret password = {};
  base::Milliseconds connect_timeout{3000};
  transfer::Use use = transfer::Use::look;
};

// Connects. Fails like open_postgres_store. Unless it only looks, it also fails when a server of Latchkey is
// connected to the database, as far as the server lists its sessions. `clock` and `logger` must outlive it.
base::Result<std::unique_ptr<transfer::Target>> open_transfer(const TransferSettings& settings,
                                                              const base::Clock& clock, base::Logger& logger);

}  // namespace latchkey::storage::postgres
