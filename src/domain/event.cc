#include "domain/event.h"

namespace latchkey::domain {

std::string_view to_string(EventType type) {
  switch (type) {
    case EventType::user_signed_up:
      return "user_signed_up";
    case EventType::user_added:
      return "user_added";
    case EventType::user_signed_in:
      return "user_signed_in";
    case EventType::login_failed:
      return "login_failed";
    case EventType::user_signed_out:
      return "user_signed_out";
    case EventType::session_revoked:
      return "session_revoked";
    case EventType::refresh_token_reused:
      return "refresh_token_reused";
    case EventType::password_changed:
      return "password_changed";
    case EventType::password_rehashed:
      return "password_rehashed";
    case EventType::user_updated:
      return "user_updated";
    case EventType::user_disabled:
      return "user_disabled";
    case EventType::user_enabled:
      return "user_enabled";
    case EventType::user_deleted:
      return "user_deleted";
    case EventType::keys_rotated:
      return "keys_rotated";
  }
  return {};
}

std::optional<EventType> parse_event_type(std::int64_t stored) {
  if (stored < 1 || stored > 255) return std::nullopt;
  const auto type = static_cast<EventType>(stored);
  if (to_string(type).empty()) return std::nullopt;
  return type;
}

}  // namespace latchkey::domain
