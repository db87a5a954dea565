#include "flows/own_sessions.h"

namespace latchkey::flows {

std::vector<domain::Session> own_sessions(Environment& env, const Authenticated& who) {
  const base::Timestamp now = env.now();
  return env.store().read([&](const domain::Tx& tx) { return tx.sessions().list_alive(who.user.id, now); });
}

base::Result<void> revoke_own_session(Environment& env, const Authenticated& who, domain::SessionId id,
                                      const Client& client) {
  const base::Timestamp now = env.now();
  domain::Event event = make_event(env, domain::EventType::session_revoked, now, client);
  event.user_id = who.user.id;
  event.session_id = id;
  return env.store().transact([&](domain::Tx& tx) -> base::Result<void> {
    const auto session = tx.sessions().find(id);
    if (!session || session->user_id != who.user.id || !session->is_alive(now)) {
      return base::fail(base::ErrorCode::not_found, "no such session of this person");
    }
    tx.sessions().end(id, domain::SessionEnd::revoked, now);
    tx.events().append(event);
    return {};
  });
}

}  // namespace latchkey::flows
