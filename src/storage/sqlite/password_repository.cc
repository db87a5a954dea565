#include "storage/sqlite/password_repository.h"

namespace latchkey::storage::sqlite {

using domain::PasswordCredential;
using domain::UserId;

SqlitePasswordRepository::SqlitePasswordRepository(Connection& connection)
    : connection_(connection),
      find_(connection, "SELECT user_id, hash, changed_at FROM passwords WHERE user_id = ?"),
      put_(connection,
           "INSERT INTO passwords (user_id, hash, changed_at) VALUES (?, ?, ?) "
           "ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at"),
      replace_if_(connection,
                  "UPDATE passwords SET hash = ?, changed_at = ? WHERE user_id = ? AND hash = ?") {}

std::optional<PasswordCredential> SqlitePasswordRepository::find_confidential(UserId id) const {
  Query row = find_.bind(id);
  if (!row.step()) return std::nullopt;
  PasswordCredential credential;
  credential.user_id = row.id<UserId>();
  credential.hash = base::Secret(row.view());
  credential.changed_at = row.time();
  return credential;
}

void SqlitePasswordRepository::put(const PasswordCredential& credential) {
  put_.run(credential.user_id, credential.hash.confidential_text(), credential.changed_at);
}

bool SqlitePasswordRepository::replace_if(const PasswordCredential& credential,
                                          std::string_view expected_hash) {
  replace_if_.run(credential.hash.confidential_text(), credential.changed_at, credential.user_id,
                  expected_hash);
  return connection_.changed_rows() > 0;
}

}  // namespace latchkey::storage::sqlite
