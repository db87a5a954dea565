// The store contract on SQLite.
#include "storage/contract/store_contract.h"
#include "storage/sqlite/sqlite_store.h"

namespace latchkey::storage::contract {
namespace {

class SqliteDatabase final : public TestDatabase {
 public:
  std::unique_ptr<domain::Store> open() override {
    auto store = sqlite::open_sqlite_store({.file = folder_.path() / "latchkey.db"}, clock_, *logger_);
    if (!store) throw std::runtime_error(store.error().detail);
    return *std::move(store);
  }

 private:
  base::testing::TemporaryFolder folder_;
  base::testing::FakeClock clock_;
  std::unique_ptr<base::Logger> logger_ = base::make_null_logger();
};

const Backend kSqlite{"sqlite", [] { return std::make_unique<SqliteDatabase>(); }};

LATCHKEY_RUN_STORE_CONTRACT(sqlite, kSqlite);

}  // namespace
}  // namespace latchkey::storage::contract
