#include "flows/manage_sessions.h"

namespace latchkey::flows {

std::vector<domain::Session> list_sessions(Environment& env, domain::UserId user_id) {
  const base::Timestamp now = env.now();
  return env.store().read([&](const domain::Tx& tx) { return tx.sessions().list_alive(user_id, now); });
}

base::Result<void> revoke_session(Environment& env, domain::SessionId id) {
  const base::Timestamp now = env.now();
  domain::Event event = make_event(env, domain::EventType::session_revoked, now, {});
  event.session_id = id;
  return env.store().transact([&](domain::Tx& tx) -> base::Result<void> {
    const auto session = tx.sessions().find(id);
    if (!session || !tx.sessions().end(id, domain::SessionEnd::revoked, now)) {
      return base::fail(base::ErrorCode::not_found, "no such session, or it has ended");
    }
    event.user_id = session->user_id;
    tx.events().append(event);
    return {};
  });
}

std::uint64_t revoke_all_sessions(Environment& env, domain::UserId user_id) {
  const base::Timestamp now = env.now();
  domain::Event event = make_event(env, domain::EventType::session_revoked, now, {});
  event.user_id = user_id;
  event.detail = "all";
  const auto ended = env.store().transact([&](domain::Tx& tx) -> base::Result<std::uint64_t> {
    const std::uint64_t count =
        tx.sessions().end_all(user_id, std::nullopt, domain::SessionEnd::revoked, now);
    if (count > 0) tx.events().append(event);
    return count;
  });
  return *ended;  // the work above never refuses
}

}  // namespace latchkey::flows
