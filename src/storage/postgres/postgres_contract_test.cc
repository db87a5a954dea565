// The store contract on PostgreSQL.
#include "storage/contract/store_contract.h"
#include "storage/postgres/postgres_store.h"
#include "storage/postgres/testing/pg_bouncer.h"
#include "storage/postgres/testing/postgres_server.h"

namespace latchkey::storage::contract {
namespace {

using postgres::PreparedStatements;
using postgres::testing::PgBouncer;
using postgres::testing::PostgresServer;

enum class Way : std::uint8_t { direct, without_prepared_statements, through_pooler };

// The same suites in each way that statements can take to the server.
class PostgresDatabase final : public TestDatabase {
 public:
  explicit PostgresDatabase(Way way) : way_(way), name_(PostgresServer::shared().take_database()) {}
  ~PostgresDatabase() override { PostgresServer::shared().give_back_database(name_); }

  std::unique_ptr<domain::Store> open() override {
    auto store = postgres::open_postgres_store(
        {.address = base::Secret(way_ == Way::through_pooler ? PgBouncer::shared().address(name_)
                                                             : PostgresServer::shared().address(name_)),
         .pool_size = 12,
         .prepared_statements = way_ == Way::without_prepared_statements ? PreparedStatements::never
                                                                         : PreparedStatements::automatic},
        clock_, *logger_);
    if (!store) throw std::runtime_error(store.error().detail);
    return *std::move(store);
  }

 private:
  const Way way_;
  const std::string name_;
  base::testing::FakeClock clock_;
  std::unique_ptr<base::Logger> logger_ = base::make_null_logger();
};

Backend backend(std::string name, Way way) {
  return {std::move(name), [way] { return std::make_unique<PostgresDatabase>(way); }};
}

LATCHKEY_RUN_STORE_CONTRACT(postgres, backend("postgres", Way::direct));
LATCHKEY_RUN_STORE_CONTRACT(postgres_unprepared,
                            backend("postgres_unprepared", Way::without_prepared_statements));
LATCHKEY_RUN_STORE_CONTRACT(pgbouncer, backend("pgbouncer", Way::through_pooler));

}  // namespace
}  // namespace latchkey::storage::contract
