// A signed-in device: its row, its lifetimes, and the rule by which a refresh token is accepted.
//
//            sign in                       refresh (counter = n)
//   (none) ──────────► alive, counter 0 ──────────────────────────► alive, counter n + 1
//                        │      │                                       │
//       log out, revoke, │      │ idle or absolute end passes            │ counter < n - 1, or n - 1 after
//       the password change  │      ▼                                       ▼ grace with the successor seen
//                        └──► ended (session_expired)            ended (refresh_token_already_used)
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "domain/ids.h"

namespace latchkey::domain {

// How long things live. Bounds are checked where configuration is read.
struct SessionPolicy {
  base::Seconds access_lifetime{3600};
  base::Seconds idle_lifetime{30 * 86400};       // since the last refresh
  base::Seconds absolute_lifetime{180 * 86400};  // since sign-in
  base::Seconds refresh_grace{30};
};

enum class SessionEnd : std::uint8_t { signed_out, revoked, password_changed, refresh_reused, user_disabled };

// One row; never one per refresh.
struct Session {
  SessionId id;
  UserId user_id;
  std::uint32_t refresh_counter = 0;  // of the refresh token that is current
  bool successor_seen = true;         // a token of the current pair came back, so its answer arrived
  base::Timestamp created_at;
  base::Timestamp refreshed_at;  // sign-in or last rotation
  base::Timestamp expires_at;    // the earlier of the idle and the absolute end
  base::Timestamp absolute_expires_at;
  std::optional<base::Timestamp> ended_at;
  std::optional<SessionEnd> ended_by;
  std::string user_agent;  // cut to kMaxUserAgentBytes
  std::string ip;
  std::string method = "password";  // RFC 8176 amr of the sign-in

  bool is_alive(base::Timestamp now) const { return !ended_at && now < expires_at; }
};

inline constexpr std::size_t kMaxUserAgentBytes = 255;

// A session that begins now. Both ends follow from the policy.
Session make_session(SessionId id, UserId user_id, base::Timestamp now, const SessionPolicy& policy);

enum class RefreshDecision : std::uint8_t {
  rotate,   // the current token: answer its successor
  repeat,   // one behind, and the successor was never seen or the grace runs: answer the same successor again
            // (after the grace, with what make_reissue says written first)
  reused,   // older: end the session
  expired,  // idle or absolute end has passed
  ended,    // signed out or revoked; ends the grace at once
  unknown,  // a counter that was never issued
};

// Pure. `presented` is the counter of a refresh token whose MAC was right.
// RFC 9700 section 4.14.2 (rotation and reuse detection), with a grace for lost answers and parallel
// requests.
RefreshDecision decide_refresh(std::uint32_t presented, const Session& session, base::Timestamp now,
                               const SessionPolicy& policy);

// What a rotation writes: nothing else of the row changes.
struct SessionRotation {
  std::uint32_t next_counter;
  base::Timestamp refreshed_at;
  base::Timestamp expires_at;
};
SessionRotation make_rotation(const Session& session, base::Timestamp now, const SessionPolicy& policy);

// The pair that is answered counts as issued at `refreshed_at`, as it then stands in the row.
//
// What a `repeat` after the grace (a lost answer) writes: the same counter, times that begin anew; nothing
// for a repeat within the grace. Without it, of two tabs that come back at once with the token whose
// successor was lost, the slower one would be taken for a thief as soon as the faster one uses its answer.
std::optional<SessionRotation> make_reissue(const Session& session, base::Timestamp now,
                                            const SessionPolicy& policy);

}  // namespace latchkey::domain
