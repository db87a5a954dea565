#include "storage/postgres/password_repository.h"

namespace latchkey::storage::postgres {

using domain::PasswordCredential;
using domain::UserId;

namespace {

constexpr Statement kFind("SELECT user_id, hash, changed_at FROM passwords WHERE user_id = $1");
constexpr Statement kPut(
    "INSERT INTO passwords (user_id, hash, changed_at) VALUES ($1, $2, $3) "
    "ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at");
constexpr Statement kReplaceIf(
    "UPDATE passwords SET hash = $1, changed_at = $2 WHERE user_id = $3 AND hash = $4");

}  // namespace

std::optional<PasswordCredential> PostgresPasswordRepository::find_confidential(UserId id) const {
  Rows row = connection_.run(kFind, id);
  if (!row.step()) return std::nullopt;
  PasswordCredential credential;
  credential.user_id = row.id<UserId>();
  credential.hash = base::Secret(row.view());
  credential.changed_at = row.time();
  return credential;
}

void PostgresPasswordRepository::put(const PasswordCredential& credential) {
  connection_.queue(kPut, credential.user_id, credential.hash.confidential_text(), credential.changed_at);
}

bool PostgresPasswordRepository::replace_if(const PasswordCredential& credential,
                                            std::string_view expected_hash) {
  return connection_
             .run(kReplaceIf, credential.hash.confidential_text(), credential.changed_at, credential.user_id,
                  expected_hash)
             .changed() > 0;
}

}  // namespace latchkey::storage::postgres
