#include "flows/authenticate.h"

namespace latchkey::flows {
namespace {

base::Result<domain::AccessClaims> verified_claims(Environment& env, const Keys& keys, std::string_view token,
                                                   base::Timestamp now) {
  const crypto::Sha256 cache_key = VerifiedTokens::key_of(token);
  if (auto known = env.verified_tokens().find(cache_key, now)) return std::move(*known);
  auto claims = domain::verify_access_token(*keys.ring, env.settings()->scope, token, now);
  if (claims) env.verified_tokens().put(cache_key, *claims);
  return claims;
}

// Whether the person of these claims may come in, with the session as it is stored now.
base::Result<Authenticated> admit(Environment& env, const Keys& keys, const domain::AccessClaims& claims,
                                  std::optional<domain::SessionWithUser> found, base::Timestamp now) {
  if (!found || found->user.id != claims.user_id || !found->session.is_alive(now)) {
    return base::fail(base::ErrorCode::session_not_found);
  }
  if (found->user.is_banned(now)) return base::fail(base::ErrorCode::user_banned);

  // The first use of a refreshed pair's access token proves that the answer arrived: from then on the token
  // before it is accepted only within the grace.
  const domain::Session& session = found->session;
  if (!session.successor_seen &&
      claims.token_id == domain::make_token_id(keys.ring->refresh_mac_key(), session.id,
                                               session.refresh_counter, claims.issued_at)) {
    env.store().post([id = session.id, counter = session.refresh_counter](domain::Tx& tx) {
      tx.sessions().mark_successor_seen(id, counter);
    });
  }
  return Authenticated{std::move(found->user), std::move(found->session)};
}

}  // namespace

base::Result<Authenticated> authenticate(Environment& env, std::string_view untrusted_access_token) {
  const base::Timestamp now = env.now();
  const auto keys = env.keys();
  const auto claims = verified_claims(env, *keys, untrusted_access_token, now);
  if (!claims) return base::fail(claims.error());
  auto found = env.store().read(
      [&](const domain::Tx& tx) { return tx.sessions().find_with_user(claims->session_id); });
  return admit(env, *keys, *claims, std::move(found), now);
}

base::Result<void> authenticate_then(Environment& env, std::string_view untrusted_access_token,
                                     std::move_only_function<void(FinishAuthenticated)> done) {
  const base::Timestamp now = env.now();
  auto keys = env.keys();
  auto claims = verified_claims(env, *keys, untrusted_access_token, now);
  if (!claims) return base::fail(std::move(claims.error()));
  const domain::SessionId session_id = claims->session_id;
  env.store().find_session_then(
      session_id, [&env, keys = std::move(keys), claims = *std::move(claims), now,
                   done = std::move(done)](domain::Store::FoundSession found) mutable {
        done([&env, keys = std::move(keys), claims = std::move(claims), now,
              found = std::move(found)]() mutable { return admit(env, *keys, claims, found.get(), now); });
      });
  return {};
}

}  // namespace latchkey::flows
