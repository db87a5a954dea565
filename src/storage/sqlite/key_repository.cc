#include "storage/sqlite/key_repository.h"

namespace latchkey::storage::sqlite {

using domain::KeyState;
using domain::StoredKey;

namespace {

KeyState read_state(Query& row) {
  const std::string_view text = row.view();
  for (const KeyState state : {KeyState::next, KeyState::active, KeyState::retired}) {
    if (text == to_string(state)) return state;
  }
  throw SqliteError(SQLITE_CORRUPT, "reading keys", "a key with an unknown state");
}

}  // namespace

SqliteKeyRepository::SqliteKeyRepository(Connection& connection)
    : list_(connection,
            "SELECT kid, purpose, algorithm, state, sealed_private, created_at, activated_at, retired_at "
            "FROM keys ORDER BY created_at, kid"),
      put_(connection,
           "INSERT INTO keys (kid, purpose, algorithm, state, sealed_private, created_at, activated_at, "
           "retired_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (kid) DO UPDATE SET "
           "purpose = excluded.purpose, algorithm = excluded.algorithm, state = excluded.state, "
           "sealed_private = excluded.sealed_private, created_at = excluded.created_at, "
           "activated_at = excluded.activated_at, retired_at = excluded.retired_at"),
      erase_(connection, "DELETE FROM keys WHERE kid = ?") {}

std::vector<StoredKey> SqliteKeyRepository::list() const {
  std::vector<StoredKey> keys;
  Query row = list_.bind();
  while (row.step()) {
    StoredKey& key = keys.emplace_back();
    key.kid = row.text();
    key.purpose = row.text();
    key.algorithm = row.text();
    key.state = read_state(row);
    key.sealed_private = row.text();
    key.created_at = row.time();
    key.activated_at = row.optional_time();
    key.retired_at = row.optional_time();
  }
  return keys;
}

void SqliteKeyRepository::put(const StoredKey& key) {
  put_.run(key.kid, key.purpose, key.algorithm, to_string(key.state), Blob{key.sealed_private},
           key.created_at, key.activated_at, key.retired_at);
}

void SqliteKeyRepository::erase(std::string_view kid) { erase_.run(kid); }

}  // namespace latchkey::storage::sqlite
