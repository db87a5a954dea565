// Sealed keys in the table `keys`.
#pragma once

#include "domain/store.h"
#include "storage/sqlite/connection.h"

namespace latchkey::storage::sqlite {

class SqliteKeyRepository final : public domain::KeyRepository {
 public:
  explicit SqliteKeyRepository(Connection& connection);

  std::vector<domain::StoredKey> list() const override;
  void put(const domain::StoredKey& key) override;
  void erase(std::string_view kid) override;

 private:
  mutable Statement list_;
  Statement put_, erase_;
};

}  // namespace latchkey::storage::sqlite
