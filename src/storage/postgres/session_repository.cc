#include "storage/postgres/session_repository.h"

#include <utility>

#include "storage/free_text.h"
#include "storage/postgres/columns.h"
#include "storage/stored_values.h"

namespace latchkey::storage::postgres {

using domain::Session;
using domain::SessionEnd;
using domain::SessionId;
using domain::UserId;

namespace {

#define LK_SESSION_WITH_USER                                            \
  "SELECT " LK_SESSION_COLUMNS_OF("sessions.") ", " LK_USER_COLUMNS_OF( \
      "users.") " FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.id = "

// purge_check_at is never later than expires_at, so what it says is alive is alive, and what it says may be
// over is looked at.
constexpr Statement kFind("SELECT " LK_SESSION_COLUMNS " FROM sessions WHERE id = $1");
constexpr Statement kFindWithUser(LK_SESSION_WITH_USER "$1");
constexpr Statement kFindAllWithUser(LK_SESSION_WITH_USER "ANY($1)");
constexpr Statement kLockWithUser(LK_SESSION_WITH_USER "$1 FOR NO KEY UPDATE OF sessions");
constexpr Statement kListAlive("SELECT " LK_SESSION_COLUMNS
                               " FROM sessions WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2 "
                               "ORDER BY id DESC");
constexpr Statement kCountAlive(
    "SELECT (SELECT count(*) FROM sessions WHERE ended_at IS NULL AND purge_check_at > $1) + "
    "(SELECT count(*) FROM sessions WHERE ended_at IS NULL AND purge_check_at <= $1 AND expires_at > $1)");
constexpr Statement kInsert(
    "INSERT INTO sessions (" LK_SESSION_COLUMNS
    ", purge_check_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)");
// purge_check_at stays as it is, and with it its index, unless the end moves to an earlier time because the
// policy became stricter.
constexpr Statement kRotate(
    "UPDATE sessions SET refresh_counter = $1, successor_seen = false, refreshed_at = $2, expires_at = $3, "
    "purge_check_at = LEAST(purge_check_at, $3) WHERE id = $4 AND refresh_counter = $5 AND ended_at IS NULL");
constexpr Statement kMarkSuccessorSeen(
    "UPDATE sessions SET successor_seen = true WHERE id = $1 AND refresh_counter = $2 AND NOT "
    "successor_seen");
constexpr Statement kEnd(
    "UPDATE sessions SET ended_at = $1, ended_by = $2 WHERE id = $3 AND ended_at IS NULL");
constexpr Statement kEndAll(
    "UPDATE sessions SET ended_at = $1, ended_by = $2 WHERE user_id = $3 AND id <> $4 "
    "AND ended_at IS NULL AND expires_at > $1");
constexpr Statement kMovePurgeCheck(
    "UPDATE sessions SET purge_check_at = expires_at WHERE id IN (SELECT id FROM sessions "
    "WHERE ended_at IS NULL AND purge_check_at < $1 AND expires_at >= $1 LIMIT $2)");
constexpr Statement kPurgeExpired(
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions "
    "WHERE ended_at IS NULL AND purge_check_at < $1 AND expires_at < $1 LIMIT $2)");
constexpr Statement kPurgeEnded(
    "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions "
    "WHERE ended_at IS NOT NULL AND ended_at < $1 LIMIT $2)");

std::optional<domain::SessionWithUser> read_session_with_user(Rows row) {
  if (!row.step()) return std::nullopt;
  Session session = read_session(row);
  return domain::SessionWithUser{std::move(session), read_user(row)};
}

}  // namespace

std::optional<Session> PostgresSessionRepository::find(SessionId id) const {
  Rows row = connection_.run(kFind, id);
  if (!row.step()) return std::nullopt;
  return read_session(row);
}

std::optional<domain::SessionWithUser> PostgresSessionRepository::find_with_user(SessionId id) const {
  return read_session_with_user(connection_.run(kFindWithUser, id));
}

std::vector<domain::SessionWithUser> PostgresSessionRepository::find_all_with_user(
    std::span<const SessionId> ids) const {
  UuidArray wanted(ids.size());
  for (const SessionId& id : ids) wanted.add(id.uuid());
  Rows row = connection_.run(kFindAllWithUser, wanted);
  std::vector<domain::SessionWithUser> found;
  while (row.step()) {
    Session session = read_session(row);
    found.push_back({std::move(session), read_user(row)});
  }
  return found;
}

std::optional<domain::SessionWithUser> PostgresSessionRepository::lock_with_user(SessionId id) {
  auto found = read_session_with_user(connection_.run(kLockWithUser, id));
  locked_.reset();
  if (found) {
    locked_ = Locked{.id = id,
                     .refresh_counter = found->session.refresh_counter,
                     .has_ended = found->session.ended_at.has_value(),
                     .statements_sent = connection_.statements_sent()};
  }
  return found;
}

std::vector<Session> PostgresSessionRepository::list_alive(UserId user_id, base::Timestamp now) const {
  std::vector<Session> sessions;
  Rows row = connection_.run(kListAlive, user_id, now);
  while (row.step()) sessions.push_back(read_session(row));
  return sessions;
}

std::uint64_t PostgresSessionRepository::count_alive(base::Timestamp now) const {
  Rows row = connection_.run(kCountAlive, now);
  row.step();
  return row.unsigned_integer<std::uint64_t>();
}

void PostgresSessionRepository::insert(const Session& session) {
  std::optional<int> ended_by;
  if (session.ended_by) ended_by = to_stored(*session.ended_by);
  std::optional<std::string_view> method;
  if (session.method != kUsualMethod) method = session.method;
  std::string room;
  connection_.queue(kInsert, session.id, session.user_id, session.refresh_counter, session.successor_seen,
                    session.created_at, session.refreshed_at, session.expires_at, session.absolute_expires_at,
                    session.ended_at, ended_by, storable_text(session.user_agent, room), session.ip, method,
                    session.expires_at);
}

bool PostgresSessionRepository::rotate(SessionId id, std::uint32_t expected_counter,
                                       const domain::SessionRotation& rotation) {
  const auto with_rotation = [&](auto use) {
    return use(kRotate, rotation.next_counter, rotation.refreshed_at, rotation.expires_at, id,
               expected_counter);
  };
  // What was locked a moment ago is as it was, so that the outcome is known and need not be waited for.
  const std::optional<Locked> locked = std::exchange(locked_, std::nullopt);
  if (locked && locked->id == id && locked->statements_sent == connection_.statements_sent()) {
    if (locked->has_ended || locked->refresh_counter != expected_counter) return false;
    with_rotation([&](const auto&... values) { connection_.queue(values...); });
    return true;
  }
  return with_rotation([&](const auto&... values) { return connection_.run(values...).changed() > 0; });
}

void PostgresSessionRepository::mark_successor_seen(SessionId id, std::uint32_t counter) {
  connection_.queue(kMarkSuccessorSeen, id, counter);
}

bool PostgresSessionRepository::end(SessionId id, SessionEnd by, base::Timestamp now) {
  return connection_.run(kEnd, now, to_stored(by), id).changed() > 0;
}

std::uint64_t PostgresSessionRepository::end_all(UserId user_id, std::optional<SessionId> except,
                                                 SessionEnd by, base::Timestamp now) {
  return connection_.run(kEndAll, now, to_stored(by), user_id, except.value_or(SessionId())).changed();
}

std::uint64_t PostgresSessionRepository::purge(base::Timestamp before, std::uint32_t limit) {
  connection_.queue(kMovePurgeCheck, before, limit);
  std::uint64_t purged = connection_.run(kPurgeEnded, before, limit).changed();
  if (purged < limit) purged += connection_.run(kPurgeExpired, before, limit - purged).changed();
  return purged;
}

}  // namespace latchkey::storage::postgres
