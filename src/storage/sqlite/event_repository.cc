#include "storage/sqlite/event_repository.h"

#include <array>
#include <span>

namespace latchkey::storage::sqlite {

using domain::Event;
using domain::EventId;
using domain::UserId;

namespace {

#define LK_EVENT_COLUMNS "id, type, at, user_id, session_id, ip, detail"

// Sorts after every id of version 7.
EventId last_possible_id() {
  std::array<std::byte, 16> bytes;
  bytes.fill(std::byte{0xFF});
  return EventId(base::Uuid(std::span<const std::byte, 16>(bytes)));
}

// Events of a type that a later version wrote are left out.
void read_events(Query row, std::vector<Event>& events) {
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
}

}  // namespace

SqliteEventRepository::SqliteEventRepository(Connection& connection)
    : connection_(connection),
      append_(connection, "INSERT INTO events (" LK_EVENT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?)"),
      list_(connection, "SELECT " LK_EVENT_COLUMNS " FROM events WHERE id < ? ORDER BY id DESC LIMIT ?"),
      list_of_user_(connection, "SELECT " LK_EVENT_COLUMNS
                                " FROM events WHERE user_id = ? AND id < ? ORDER BY id DESC LIMIT ?"),
      purge_(
          connection,
          "DELETE FROM events WHERE id IN (SELECT id FROM (SELECT id, at FROM events ORDER BY id LIMIT ?2) "
          "WHERE at < ?1)") {}

void SqliteEventRepository::append(const Event& event) {
  append_.run(event.id, static_cast<std::uint8_t>(event.type), event.at, event.user_id, event.session_id,
              event.ip, event.detail);
}

std::vector<Event> SqliteEventRepository::list(std::optional<UserId> user_id,
                                               const domain::Page<EventId>& page) const {
  std::vector<Event> events;
  const EventId before = page.after ? *page.after : last_possible_id();
  read_events(user_id ? list_of_user_.bind(*user_id, before, page.limit) : list_.bind(before, page.limit),
              events);
  return events;
}

std::uint64_t SqliteEventRepository::purge(base::Timestamp before, std::uint32_t limit) {
  purge_.run(before, limit);
  return connection_.changed_rows();
}

}  // namespace latchkey::storage::sqlite
