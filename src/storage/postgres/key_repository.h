// Sealed keys in the table `keys`.
#pragma once

#include "domain/store.h"
#include "storage/postgres/connection.h"

namespace latchkey::storage::postgres {

class PostgresKeyRepository final : public domain::KeyRepository {
 public:
  explicit PostgresKeyRepository(Connection& connection) : connection_(connection) {}

  std::vector<domain::StoredKey> list() const override;
  void put(const domain::StoredKey& key) override;
  void erase(std::string_view kid) override;

 private:
  Connection& connection_;
};

}  // namespace latchkey::storage::postgres
