#include "storage/postgres/event_repository.h"

#include "storage/free_text.h"
#include "storage/stored_values.h"

namespace latchkey::storage::postgres {

using domain::Event;
using domain::EventId;
using domain::UserId;

namespace {

#define LK_EVENT_COLUMNS "id, type, at, user_id, session_id, ip, detail"

constexpr Statement kAppend("INSERT INTO events (" LK_EVENT_COLUMNS ") VALUES ($1, $2, $3, $4, $5, $6, $7)");
constexpr Statement kList("SELECT " LK_EVENT_COLUMNS " FROM events WHERE id < $1 ORDER BY id DESC LIMIT $2");
constexpr Statement kListOfUser("SELECT " LK_EVENT_COLUMNS
                                " FROM events WHERE user_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3");
constexpr Statement kPurge(
    "DELETE FROM events WHERE id IN (SELECT id FROM (SELECT id, at FROM events ORDER BY id LIMIT $2) AS "
    "oldest "
    "WHERE at < $1)");

}  // namespace

void PostgresEventRepository::append(const Event& event) {
  std::string room;
  connection_.queue(kAppend, event.id, static_cast<std::uint8_t>(event.type), event.at, event.user_id,
                    event.session_id, event.ip, storable_text(event.detail, room));
}

// Events of a type that a later version wrote are left out.
std::vector<Event> PostgresEventRepository::list(std::optional<UserId> user_id,
                                                 const domain::Page<EventId>& page) const {
  std::vector<Event> events;
  const EventId before = page.after ? *page.after : last_possible_event_id();
  Rows row = user_id ? connection_.run(kListOfUser, *user_id, before, page.limit)
                     : connection_.run(kList, before, page.limit);
  while (row.step()) {
    Event event{};
    event.id = row.id<EventId>();
    const auto type = domain::parse_event_type(row.integer());
    event.at = row.time();
    event.user_id = row.optional_id<UserId>();
    event.session_id = row.optional_id<domain::SessionId>();
    event.ip = row.text();
    event.detail = row.text();
    if (!type) continue;
    event.type = *type;
    events.push_back(std::move(event));
  }
  return events;
}

std::uint64_t PostgresEventRepository::purge(base::Timestamp before, std::uint32_t limit) {
  return connection_.run(kPurge, before, limit).changed();
}

}  // namespace latchkey::storage::postgres
