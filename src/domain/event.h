// What happened, in the past tense: the closed list of events, each written in the transaction of its change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "domain/ids.h"

namespace latchkey::domain {

// The numbers are stored: never reuse or renumber one.
enum class EventType : std::uint8_t {
  user_signed_up = 1,
  user_added = 2,  // by an administrator
  user_signed_in = 3,
  login_failed = 4,
  user_signed_out = 5,
  session_revoked = 6,
  refresh_token_reused = 7,
  password_changed = 8,
  password_rehashed = 9,
  user_updated = 10,
  user_disabled = 11,
  user_enabled = 12,
  user_deleted = 13,
  keys_rotated = 14,
};
// "user_signed_up"
std::string_view to_string(EventType type);
std::optional<EventType> parse_event_type(std::int64_t stored);

struct Event {
  EventId id;
  EventType type;
  base::Timestamp at;
  std::optional<UserId> user_id;
  std::optional<SessionId> session_id;
  std::string ip;      // of the client, or empty for the command line
  std::string detail;  // short, no secrets: a reason word, an outcome
};

}  // namespace latchkey::domain
