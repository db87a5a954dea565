#include "flows/signed_in.h"

namespace latchkey::flows {

domain::Session begin_session(Environment& env, const domain::User& user, const Client& client,
                              base::Timestamp now) {
  domain::Session session = domain::make_session(domain::SessionId::make(now, env.random()), user.id, now,
                                                 env.settings()->sessions);
  session.ip = client.ip;
  session.user_agent = client.user_agent.substr(0, domain::kMaxUserAgentBytes);
  return session;
}

std::move_only_function<void(domain::Settled<base::Result<domain::User>>)> sign_for(Environment& env,
                                                                                    domain::Session session,
                                                                                    WhenSignedIn done) {
  return [&env, session = std::move(session),
          done = std::move(done)](domain::Settled<base::Result<domain::User>> settled) mutable {
    done([&env, session = std::move(session),
          settled = std::move(settled)]() mutable -> base::Result<SignedIn> {
      base::Result<domain::User> user = settled.get();
      if (!user) return base::fail(std::move(user.error()));
      const base::Timestamp issued_at = session.created_at;
      return make_signed_in(env, *std::move(user), std::move(session), issued_at);
    });
  };
}

domain::CommitTiming timing_after_hash(const Environment& env) {
  return env.hasher().is_busy() ? domain::CommitTiming::shared : domain::CommitTiming::at_once;
}

SignedIn make_signed_in(Environment& env, domain::User user, domain::Session session,
                        base::Timestamp issued_at) {
  const auto keys = env.keys();
  const auto settings = env.settings();
  SignedIn result;
  result.access = domain::make_access_token(*keys->ring, settings->scope, user, session, issued_at,
                                            settings->sessions.access_lifetime);
  result.refresh_token = keys->refresh_tokens.make({session.id, session.refresh_counter});
  result.user = std::move(user);
  result.session = std::move(session);
  result.issued_at = issued_at;
  return result;
}

}  // namespace latchkey::flows
