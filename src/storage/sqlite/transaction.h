// A connection together with its repositories and the statements that frame a transaction.
#pragma once

#include "domain/store.h"
#include "storage/sqlite/connection.h"
#include "storage/sqlite/event_repository.h"
#include "storage/sqlite/key_repository.h"
#include "storage/sqlite/password_repository.h"
#include "storage/sqlite/session_repository.h"
#include "storage/sqlite/user_repository.h"

namespace latchkey::storage::sqlite {

// The one Tx of a connection, used again for every transaction on it, so that statements are compiled once.
// Used by one thread at a time.
class SqliteTx final : public domain::Tx {
 public:
  explicit SqliteTx(const ConnectionOptions& options) : connection(options) {}

  domain::UserRepository& users() override { return users_; }
  domain::PasswordRepository& passwords() override { return passwords_; }
  domain::SessionRepository& sessions() override { return sessions_; }
  domain::KeyRepository& keys() override { return keys_; }
  domain::EventRepository& events() override { return events_; }
  // An account that is not there costs what one that is there does: somebody else's rows are read and thrown
  // away, so that the time does not tell.
  std::optional<domain::UserWithPassword> find_account_confidential(
      const domain::Identifier& identifier) const override {
    auto user = users_.find(identifier);
    if (!user) {
      if (const auto other = users_.find_unrelated(identifier)) passwords_.find_confidential(other->id);
      return std::nullopt;
    }
    auto credential = passwords_.find_confidential(user->id);
    return domain::UserWithPassword{std::move(*user), std::move(credential)};
  }

  Connection connection;
  Statement begin_read{connection, "BEGIN"};
  Statement begin_write{connection, "BEGIN IMMEDIATE"};  // so that a transaction never has to start over
  Statement commit{connection, "COMMIT"};
  Statement roll_back{connection, "ROLLBACK"};
  Statement savepoint{connection, "SAVEPOINT work"};
  Statement release{connection, "RELEASE work"};
  Statement roll_back_to{connection, "ROLLBACK TO work"};

 private:
  SqliteUserRepository users_{connection};
  SqlitePasswordRepository passwords_{connection};
  SqliteSessionRepository sessions_{connection};
  SqliteKeyRepository keys_{connection};
  SqliteEventRepository events_{connection};
};

}  // namespace latchkey::storage::sqlite
