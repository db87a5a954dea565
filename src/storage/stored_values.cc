#include "storage/stored_values.h"

#include <array>
#include <span>
#include <utility>

namespace latchkey::storage {

using domain::SessionEnd;

int to_stored(SessionEnd end) {
  switch (end) {
    case SessionEnd::signed_out:
      return 1;
    case SessionEnd::revoked:
      return 2;
    case SessionEnd::password_changed:
      return 3;
    case SessionEnd::refresh_reused:
      return 4;
    case SessionEnd::user_disabled:
      return 5;
  }
  std::unreachable();
}

SessionEnd session_end_from_stored(std::int64_t number) {
  for (const SessionEnd end : {SessionEnd::signed_out, SessionEnd::revoked, SessionEnd::password_changed,
                               SessionEnd::refresh_reused, SessionEnd::user_disabled}) {
    if (to_stored(end) == number) return end;
  }
  return SessionEnd::revoked;
}

domain::EventId last_possible_event_id() {
  std::array<std::byte, 16> bytes;
  bytes.fill(std::byte{0xFF});
  return domain::EventId(base::Uuid(std::span<const std::byte, 16>(bytes)));
}

}  // namespace latchkey::storage
