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
