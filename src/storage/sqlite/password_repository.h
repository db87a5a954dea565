// Passwords in the table `passwords`.
#pragma once

#include "domain/store.h"
#include "storage/sqlite/connection.h"

namespace latchkey::storage::sqlite {

class SqlitePasswordRepository final : public domain::PasswordRepository {
 public:
  explicit SqlitePasswordRepository(Connection& connection);

  std::optional<domain::PasswordCredential> find_confidential(domain::UserId id) const override;
  void put(const domain::PasswordCredential& credential) override;
  bool replace_if(const domain::PasswordCredential& credential, std::string_view expected_hash) override;

 private:
  Connection& connection_;
  mutable Statement find_;
  Statement put_, replace_if_;
};

}  // namespace latchkey::storage::sqlite
