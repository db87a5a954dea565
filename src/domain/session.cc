#include "domain/session.h"

#include <algorithm>

namespace latchkey::domain {
namespace {

// A `now` before `refreshed_at` (clocks of two machines, a clock set back) counts as inside.
bool is_in_grace(const Session& session, base::Timestamp now, const SessionPolicy& policy) {
  return now - session.refreshed_at <= policy.refresh_grace;
}

}  // namespace

Session make_session(SessionId id, UserId user_id, base::Timestamp now, const SessionPolicy& policy) {
  Session session;
  session.id = id;
  session.user_id = user_id;
  session.created_at = now;
  session.refreshed_at = now;
  session.absolute_expires_at = now + policy.absolute_lifetime;
  session.expires_at = std::min(now + policy.idle_lifetime, session.absolute_expires_at);
  return session;
}

RefreshDecision decide_refresh(std::uint32_t presented, const Session& session, base::Timestamp now,
                               const SessionPolicy& policy) {
  if (session.ended_at) return RefreshDecision::ended;
  if (now >= session.expires_at) return RefreshDecision::expired;
  if (presented > session.refresh_counter) return RefreshDecision::unknown;
  if (presented == session.refresh_counter) return RefreshDecision::rotate;
  const bool one_behind = presented == session.refresh_counter - 1;
  if (one_behind && (!session.successor_seen || is_in_grace(session, now, policy))) {
    return RefreshDecision::repeat;
  }
  return RefreshDecision::reused;
}

SessionRotation make_rotation(const Session& session, base::Timestamp now, const SessionPolicy& policy) {
  return {.next_counter = session.refresh_counter + 1,
          .refreshed_at = now,
          .expires_at = std::min(now + policy.idle_lifetime, session.absolute_expires_at)};
}

std::optional<SessionRotation> make_reissue(const Session& session, base::Timestamp now,
                                            const SessionPolicy& policy) {
  if (is_in_grace(session, now, policy)) return std::nullopt;
  SessionRotation reissue = make_rotation(session, now, policy);
  reissue.next_counter = session.refresh_counter;
  return reissue;
}

}  // namespace latchkey::domain
