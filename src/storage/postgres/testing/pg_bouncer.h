// A real PgBouncer for tests, in transaction mode in front of a PostgresServer.
#pragma once

#include <string>
#include <string_view>

#include "storage/postgres/testing/postgres_server.h"

namespace latchkey::storage::postgres::testing {

// A pooler that hands its few sessions of the server to whoever begins a transaction. Listens on a Unix
// socket. To be made by the main thread.
class PgBouncer {
 public:
  // Of the shared server; made when first asked for.
  static PgBouncer& shared();

  // `server` must outlive the pooler.
  explicit PgBouncer(const PostgresServer& server);

  // The address of one of the server's databases through the pooler; libpq's keyword form.
  std::string address(std::string_view database) const;

 private:
  ServerFolder folder_;
  ServerProcess process_{folder_};
};

}  // namespace latchkey::storage::postgres::testing
