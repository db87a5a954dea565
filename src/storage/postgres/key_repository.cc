#include "storage/postgres/key_repository.h"

namespace latchkey::storage::postgres {

using domain::KeyState;
using domain::StoredKey;

namespace {

constexpr Statement kList(
    "SELECT kid, purpose, algorithm, state, sealed_private, created_at, activated_at, retired_at "
    "FROM keys ORDER BY created_at, kid");
constexpr Statement kPut(
    "INSERT INTO keys (kid, purpose, algorithm, state, sealed_private, created_at, activated_at, retired_at) "
    "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (kid) DO UPDATE SET "
    "purpose = excluded.purpose, algorithm = excluded.algorithm, state = excluded.state, "
    "sealed_private = excluded.sealed_private, created_at = excluded.created_at, "
    "activated_at = excluded.activated_at, retired_at = excluded.retired_at");
constexpr Statement kErase("DELETE FROM keys WHERE kid = $1");

KeyState read_state(Rows& row) {
  const std::string_view text = row.view();
  for (const KeyState state : {KeyState::next, KeyState::active, KeyState::retired}) {
    if (text == to_string(state)) return state;
  }
  throw PostgresError(Failure::unavailable, {}, "reading keys", "a key with an unknown state");
}

}  // namespace

std::vector<StoredKey> PostgresKeyRepository::list() const {
  std::vector<StoredKey> keys;
  Rows row = connection_.run(kList);
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

void PostgresKeyRepository::put(const StoredKey& key) {
  connection_.queue(kPut, key.kid, key.purpose, key.algorithm, to_string(key.state), Blob{key.sealed_private},
                    key.created_at, key.activated_at, key.retired_at);
}

void PostgresKeyRepository::erase(std::string_view kid) { connection_.queue(kErase, kid); }

}  // namespace latchkey::storage::postgres
