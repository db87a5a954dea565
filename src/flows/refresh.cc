#include "flows/refresh.h"

#include "base/infra_error.h"

namespace latchkey::flows {
namespace {

using base::ErrorCode;
using domain::RefreshDecision;

struct Found {
  domain::Session session;
  domain::User user;
};

std::optional<Found> find(const domain::Tx& tx, domain::SessionId id) {
  auto session = tx.sessions().find(id);
  if (!session) return std::nullopt;
  auto user = tx.users().find(session->user_id);
  if (!user) return std::nullopt;
  return Found{std::move(*session), std::move(*user)};
}

// What the holder of a token of an ended session is told.
ErrorCode code_for(domain::SessionEnd end) {
  switch (end) {
    case domain::SessionEnd::signed_out:
      return ErrorCode::refresh_token_not_found;
    case domain::SessionEnd::refresh_reused:
      return ErrorCode::refresh_token_already_used;
    case domain::SessionEnd::revoked:
    case domain::SessionEnd::password_changed:
    case domain::SessionEnd::user_disabled:
      return ErrorCode::session_expired;
  }
  return ErrorCode::refresh_token_not_found;
}

base::Result<SignedIn> end_reused(Environment& env, const domain::Session& session, base::Timestamp now,
                                  const Client& client) {
  domain::Event event = make_event(env, domain::EventType::refresh_token_reused, now, client);
  event.user_id = session.user_id;
  event.session_id = session.id;
  auto written = env.store().transact([&](domain::Tx& tx) -> base::Result<void> {
    if (tx.sessions().end(session.id, domain::SessionEnd::refresh_reused, now)) tx.events().append(event);
    return {};
  });
  if (!written) return base::fail(std::move(written.error()));
  return base::fail(ErrorCode::refresh_token_already_used, "session ended");
}

}  // namespace

base::Result<SignedIn> refresh(Environment& env, std::string_view untrusted_refresh_token,
                               const Client& client) {
  const auto claims = env.keys()->refresh_tokens.parse(untrusted_refresh_token);
  if (!claims) return base::fail(claims.error());
  const auto settings = env.settings();

  // Losing the race for a write means that another request was faster, or the session has ended: look again.
  // Counters only grow, so that ends soon.
  for (int attempt = 0; attempt < 3; ++attempt) {
    const base::Timestamp now = env.now();
    auto found = env.store().read([&](const domain::Tx& tx) { return find(tx, claims->session_id); });
    if (!found) return base::fail(ErrorCode::refresh_token_not_found, "no such session");
    domain::Session& session = found->session;

    switch (domain::decide_refresh(claims->counter, session, now, settings->sessions)) {
      case RefreshDecision::unknown:
        return base::fail(ErrorCode::refresh_token_not_found, "counter never issued");
      case RefreshDecision::ended:
        return base::fail(code_for(session.ended_by.value_or(domain::SessionEnd::revoked)), "session ended");
      case RefreshDecision::expired:
        return base::fail(ErrorCode::session_expired, "idle or absolute end");
      case RefreshDecision::reused:
        return end_reused(env, session, now, client);
      case RefreshDecision::repeat:
      case RefreshDecision::rotate: {
        if (found->user.is_banned(now)) return base::fail(ErrorCode::user_banned);
        const bool rotates = claims->counter == session.refresh_counter;
        const std::optional<domain::SessionRotation> change =
            rotates ? domain::make_rotation(session, now, settings->sessions)
                    : domain::make_reissue(session, now, settings->sessions);
        if (change) {
          const auto written = env.store().transact([&](domain::Tx& tx) -> base::Result<bool> {
            return tx.sessions().rotate(session.id, session.refresh_counter, *change);
          });
          if (!written) return base::fail(written.error());
          if (!*written) continue;
          session.refresh_counter = change->next_counter;
          session.refreshed_at = change->refreshed_at;
          session.expires_at = change->expires_at;
          session.successor_seen = false;
        }
        const base::Timestamp issued_at = session.refreshed_at;
        return make_signed_in(env, std::move(found->user), std::move(session), issued_at);
      }
    }
  }
  throw base::InfraError(ErrorCode::storage_unavailable,
                         "a session was changed again and again between two reads");
}

}  // namespace latchkey::flows
