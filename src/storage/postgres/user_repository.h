// Accounts in the table `users`.
#pragma once

#include "domain/store.h"
#include "storage/postgres/connection.h"

namespace latchkey::storage::postgres {

class PostgresUserRepository final : public domain::UserRepository {
 public:
  explicit PostgresUserRepository(Connection& connection) : connection_(connection) {}

  std::optional<domain::User> find(domain::UserId id) const override;
  std::optional<domain::User> find(const domain::Identifier& identifier) const override;
  std::optional<domain::UserWithPassword> find_with_password_confidential(
      const domain::Identifier& identifier) const;
  std::vector<domain::User> list(const domain::Page<domain::UserId>& page) const override;
  std::uint64_t count() const override;
  base::Result<void> insert(const domain::User& user) override;
  base::Result<void> update(const domain::User& user) override;
  void set_last_sign_in(domain::UserId id, base::Timestamp at) override;
  bool erase(domain::UserId id) override;

 private:
  Connection& connection_;
};

}  // namespace latchkey::storage::postgres
