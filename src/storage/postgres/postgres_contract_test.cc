// The store contract on PostgreSQL.
#include "storage/contract/store_contract.h"
#include "storage/postgres/postgres_store.h"
#include "storage/postgres/testing/postgres_server.h"

namespace latchkey::storage::contract {
namespace {

using postgres::PreparedStatements;
using postgres::testing::PostgresServer;

class PostgresDatabase final : public TestDatabase {
 public:
  explicit PostgresDatabase(PreparedStatements prepared_statements)
      : prepared_statements_(prepared_statements), name_(PostgresServer::shared().make_database()) {}
  ~PostgresDatabase() override { PostgresServer::shared().drop_database(name_); }

  std::unique_ptr<domain::Store> open() override {
    auto store =
        postgres::open_postgres_store({.address = base::Secret(PostgresServer::shared().address(name_)),
                                       .pool_size = 12,
                                       .prepared_statements = prepared_statements_},
                                      clock_, *logger_);
    if (!store) throw std::runtime_error(store.error().detail);
    return *std::move(store);
  }

 private:
  const PreparedStatements prepared_statements_;
  const std::string name_;
  base::testing::FakeClock clock_;
  std::unique_ptr<base::Logger> logger_ = base::make_null_logger();
};

const Backend kPostgres{"postgres",
                        [] { return std::make_unique<PostgresDatabase>(PreparedStatements::automatic); }};

LATCHKEY_RUN_STORE_CONTRACT(postgres, kPostgres);

}  // namespace
}  // namespace latchkey::storage::contract
