// Passwords in the table `passwords`.
#pragma once

#include "domain/store.h"
#include "storage/postgres/connection.h"

namespace latchkey::storage::postgres {

class PostgresPasswordRepository final : public domain::PasswordRepository {
 public:
  explicit PostgresPasswordRepository(Connection& connection) : connection_(connection) {}

  std::optional<domain::PasswordCredential> find_confidential(domain::UserId id) const override;
  void put(const domain::PasswordCredential& credential) override;
  bool replace_if(const domain::PasswordCredential& credential, std::string_view expected_hash) override;

 private:
  Connection& connection_;
};

}  // namespace latchkey::storage::postgres
