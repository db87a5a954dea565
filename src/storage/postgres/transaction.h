// A connection together with its repositories.
#pragma once

#include "domain/store.h"
#include "storage/postgres/connection.h"
#include "storage/postgres/event_repository.h"
#include "storage/postgres/key_repository.h"
#include "storage/postgres/password_repository.h"
#include "storage/postgres/session_repository.h"
#include "storage/postgres/user_repository.h"

namespace latchkey::storage::postgres {

// The one Tx of a connection, used again for every transaction on it. Used by one thread at a time.
class PostgresTx final : public domain::Tx {
 public:
  PostgresTx(const ConnectionOptions& options, const base::Clock& clock) : connection(options, clock) {}

  domain::UserRepository& users() override { return users_; }
  domain::PasswordRepository& passwords() override { return passwords_; }
  PostgresSessionRepository& sessions() override { return sessions_; }
  domain::KeyRepository& keys() override { return keys_; }
  domain::EventRepository& events() override { return events_; }
  std::optional<domain::UserWithPassword> find_account_confidential(
      const domain::Identifier& identifier) const override {
    return users_.find_with_password_confidential(identifier);
  }

  Connection connection;

 private:
  PostgresUserRepository users_{connection};
  PostgresPasswordRepository passwords_{connection};
  PostgresSessionRepository sessions_{connection};
  PostgresKeyRepository keys_{connection};
  PostgresEventRepository events_{connection};
};

}  // namespace latchkey::storage::postgres
