#include "flows/refresh.h"

#include "base/infra_error.h"

namespace latchkey::flows {
namespace {

using base::ErrorCode;
using domain::RefreshDecision;
using domain::SessionWithUser;

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

// The session as it is after a transaction whose writes are kept, or why it was refused all the same.
using Kept = base::Result<SessionWithUser>;

void end_reused(Environment& env, domain::Tx& tx, const domain::Session& session, base::Timestamp now,
                const Client& client) {
  if (!tx.sessions().end(session.id, domain::SessionEnd::refresh_reused, now)) return;
  domain::Event event = make_event(env, domain::EventType::refresh_token_reused, now, client);
  event.user_id = session.user_id;
  event.session_id = session.id;
  tx.events().append(event);
}

// Decides and writes. Where nothing is to be written, a refusal is the transaction's own.
base::Result<Kept> rotate(Environment& env, domain::Tx& tx, const domain::RefreshTokenClaims& claims,
                          const Client& client) {
  const base::Timestamp now = env.now();
  const auto settings = env.settings();
  const domain::SessionPolicy& policy = settings->sessions;
  auto found = tx.sessions().lock_with_user(claims.session_id);
  if (!found) return base::fail(ErrorCode::refresh_token_not_found, "no such session");
  domain::Session& session = found->session;

  switch (domain::decide_refresh(claims.counter, session, now, policy)) {
    case RefreshDecision::unknown:
      return base::fail(ErrorCode::refresh_token_not_found, "counter never issued");
    case RefreshDecision::ended:
      return base::fail(code_for(session.ended_by.value_or(domain::SessionEnd::revoked)), "session ended");
    case RefreshDecision::expired:
      return base::fail(ErrorCode::session_expired, "idle or absolute end");
    case RefreshDecision::reused:
      end_reused(env, tx, session, now, client);
      return Kept(base::fail(ErrorCode::refresh_token_already_used, "session ended"));
    case RefreshDecision::repeat:
    case RefreshDecision::rotate:
      break;
  }
  if (found->user.is_banned(now)) return base::fail(ErrorCode::user_banned);
  const auto change = claims.counter == session.refresh_counter
                          ? std::optional(domain::make_rotation(session, now, policy))
                          : domain::make_reissue(session, now, policy);
  if (change) {
    if (!tx.sessions().rotate(session.id, session.refresh_counter, *change)) {
      throw base::InfraError(ErrorCode::storage_unavailable, "a locked session has changed");
    }
    session.refresh_counter = change->next_counter;
    session.refreshed_at = change->refreshed_at;
    session.expires_at = change->expires_at;
    session.successor_seen = false;
  }
  return Kept(std::move(*found));
}

}  // namespace

base::Result<void> refresh(Environment& env, std::string_view untrusted_refresh_token, const Client& client,
                           WhenSignedIn done) {
  const auto claims = env.keys()->refresh_tokens.parse(untrusted_refresh_token);
  if (!claims) return base::fail(claims.error());
  env.store().transact_then(
      [&env, claims = *claims, client](domain::Tx& tx) { return rotate(env, tx, claims, client); },
      [&env, done = std::move(done)](domain::Settled<base::Result<Kept>> settled) mutable {
        done([&env, settled = std::move(settled)]() mutable -> base::Result<SignedIn> {
          base::Result<Kept> kept = settled.get();
          if (!kept) return base::fail(std::move(kept.error()));
          if (!*kept) return base::fail(std::move(kept->error()));
          const base::Timestamp issued_at = (*kept)->session.refreshed_at;
          return make_signed_in(env, std::move((*kept)->user), std::move((*kept)->session), issued_at);
        });
      });
  return {};
}

}  // namespace latchkey::flows
