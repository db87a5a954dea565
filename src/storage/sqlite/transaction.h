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
