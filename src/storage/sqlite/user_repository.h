// Accounts in the table `users`.
#pragma once

#include "domain/store.h"
#include "storage/sqlite/connection.h"

namespace latchkey::storage::sqlite {

class SqliteUserRepository final : public domain::UserRepository {
 public:
  explicit SqliteUserRepository(Connection& connection);

  std::optional<domain::User> find(domain::UserId id) const override;
  std::optional<domain::User> find(const domain::Identifier& identifier) const override;
  // Somebody who has nothing to do with the identifier, always the same for the same one; anywhere in the
  // table.
  std::optional<domain::User> find_unrelated(const domain::Identifier& identifier) const;
  std::vector<domain::User> list(const domain::Page<domain::UserId>& page) const override;
  std::uint64_t count() const override;
  base::Result<void> insert(const domain::User& user) override;
  base::Result<void> update(const domain::User& user) override;
  void set_last_sign_in(domain::UserId id, base::Timestamp at) override;
  bool erase(domain::UserId id) override;

 private:
  Connection& connection_;
  mutable Statement find_by_id_, find_by_email_, find_by_username_, find_by_phone_, find_ends_, list_, count_;
  Statement insert_, update_, set_last_sign_in_, erase_;
};

}  // namespace latchkey::storage::sqlite
