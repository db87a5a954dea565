#include "storage/sqlite/session_repository.h"

#include <array>
#include <utility>

#include "storage/sqlite/rows.h"
#include "storage/stored_values.h"

namespace latchkey::storage::sqlite {

using domain::Session;
using domain::SessionEnd;
using domain::SessionId;
using domain::UserId;

// purge_check_at is never later than expires_at, so what it says is alive is alive, and what it says may be
// over is looked at.
SqliteSessionRepository::SqliteSessionRepository(Connection& connection)
    : connection_(connection),
      find_(connection, "SELECT " LK_SESSION_COLUMNS " FROM sessions WHERE id = ?"),
      find_with_user_(connection, "SELECT " LK_SESSION_COLUMNS_OF("sessions.") ", " LK_USER_COLUMNS_OF(
                                      "users.") " FROM sessions JOIN users ON users.id = sessions.user_id "
                                                "WHERE sessions.id = ?"),
      list_alive_(connection, "SELECT " LK_SESSION_COLUMNS
                              " FROM sessions WHERE user_id = ? AND ended_at IS NULL AND expires_at > ? "
                              "ORDER BY id DESC"),
      count_alive_(connection,
                   "SELECT (SELECT count(*) FROM sessions WHERE ended_at IS NULL AND purge_check_at > ?1) + "
                   "(SELECT count(*) FROM sessions WHERE ended_at IS NULL AND purge_check_at <= ?1 "
                   "AND expires_at > ?1)"),
      insert_(connection, "INSERT INTO sessions (" LK_SESSION_COLUMNS
                          ", purge_check_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      rotate_(
          connection,
          "UPDATE sessions SET refresh_counter = ?, successor_seen = 0, refreshed_at = ?, expires_at = ?3 "
          "WHERE id = ? AND refresh_counter = ? AND ended_at IS NULL AND purge_check_at <= ?3"),
      rotate_to_earlier_end_(
          connection,
          "UPDATE sessions SET refresh_counter = ?, successor_seen = 0, refreshed_at = ?, expires_at = ?3, "
          "purge_check_at = ?3 WHERE id = ? AND refresh_counter = ? AND ended_at IS NULL"),
      mark_successor_seen_(connection,
                           "UPDATE sessions SET successor_seen = 1 WHERE id = ? AND refresh_counter = ? AND "
                           "successor_seen = 0"),
      end_(connection, "UPDATE sessions SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL"),
      end_all_(connection,
               "UPDATE sessions SET ended_at = ?1, ended_by = ?2 WHERE user_id = ?3 AND id <> ?4 "
               "AND ended_at IS NULL AND expires_at > ?1"),
      move_purge_check_(
          connection,
          "UPDATE sessions SET purge_check_at = expires_at WHERE id IN (SELECT id FROM sessions "
          "WHERE ended_at IS NULL AND purge_check_at < ?1 AND expires_at >= ?1 LIMIT ?2)"),
      purge_expired_(connection,
                     "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions "
                     "WHERE ended_at IS NULL AND purge_check_at < ?1 AND expires_at < ?1 LIMIT ?2)"),
      purge_ended_(connection,
                   "DELETE FROM sessions WHERE id IN (SELECT id FROM sessions "
                   "WHERE ended_at IS NOT NULL AND ended_at < ? LIMIT ?)") {}

std::optional<Session> SqliteSessionRepository::find(SessionId id) const {
  Query row = find_.bind(id);
  if (!row.step()) return std::nullopt;
  return read_session(row);
}

std::optional<domain::SessionWithUser> SqliteSessionRepository::find_with_user(SessionId id) const {
  Query row = find_with_user_.bind(id);
  if (!row.step()) return std::nullopt;
  Session session = read_session(row);
  return domain::SessionWithUser{std::move(session), read_user(row)};
}

// There is one writer at a time.
std::optional<domain::SessionWithUser> SqliteSessionRepository::lock_with_user(SessionId id) {
  return find_with_user(id);
}

std::vector<Session> SqliteSessionRepository::list_alive(UserId user_id, base::Timestamp now) const {
  std::vector<Session> sessions;
  Query row = list_alive_.bind(user_id, now);
  while (row.step()) sessions.push_back(read_session(row));
  return sessions;
}

std::uint64_t SqliteSessionRepository::count_alive(base::Timestamp now) const {
  Query row = count_alive_.bind(now);
  row.step();
  return row.unsigned_integer<std::uint64_t>();
}

void SqliteSessionRepository::insert(const Session& session) {
  std::optional<int> ended_by;
  if (session.ended_by) ended_by = to_stored(*session.ended_by);
  std::optional<std::string_view> method;
  if (session.method != kUsualMethod) method = session.method;
  insert_.run(session.id, session.user_id, session.refresh_counter, session.successor_seen,
              session.created_at, session.refreshed_at, session.expires_at, session.absolute_expires_at,
              session.ended_at, ended_by, session.user_agent, session.ip, method, session.expires_at);
}

bool SqliteSessionRepository::rotate(SessionId id, std::uint32_t expected_counter,
                                     const domain::SessionRotation& rotation) {
  rotate_.run(rotation.next_counter, rotation.refreshed_at, rotation.expires_at, id, expected_counter);
  if (connection_.changed_rows() > 0) return true;
  // Lost the race, or (rare) the end moves to an earlier time because the policy became stricter.
  rotate_to_earlier_end_.run(rotation.next_counter, rotation.refreshed_at, rotation.expires_at, id,
                             expected_counter);
  return connection_.changed_rows() > 0;
}

void SqliteSessionRepository::mark_successor_seen(SessionId id, std::uint32_t counter) {
  mark_successor_seen_.run(id, counter);
}

bool SqliteSessionRepository::end(SessionId id, SessionEnd by, base::Timestamp now) {
  end_.run(now, to_stored(by), id);
  return connection_.changed_rows() > 0;
}

std::uint64_t SqliteSessionRepository::end_all(UserId user_id, std::optional<SessionId> except, SessionEnd by,
                                               base::Timestamp now) {
  end_all_.run(now, to_stored(by), user_id, except.value_or(SessionId()));
  return connection_.changed_rows();
}

std::uint64_t SqliteSessionRepository::purge(base::Timestamp before, std::uint32_t limit) {
  move_purge_check_.run(before, limit);
  purge_ended_.run(before, limit);
  std::uint64_t purged = connection_.changed_rows();
  if (purged < limit) {
    purge_expired_.run(before, limit - purged);
    purged += connection_.changed_rows();
  }
  return purged;
}

}  // namespace latchkey::storage::sqlite
