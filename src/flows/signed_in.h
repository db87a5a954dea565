// What sign-up, sign-in and refresh have in common: a session, and the pair of tokens that stands for it.
#pragma once

#include <string>

#include "flows/environment.h"

namespace latchkey::flows {

// Everything the session answer needs.
struct SignedIn {
  domain::User user;
  domain::Session session;
  domain::SignedAccessToken access;
  base::Timestamp issued_at;
  std::string refresh_token;
};

// A session for this user and client that begins now; not stored yet.
domain::Session begin_session(Environment& env, const domain::User& user, const Client& client,
                              base::Timestamp now);
// Signs the pair for a stored session.
SignedIn make_signed_in(Environment& env, domain::User user, domain::Session session,
                        base::Timestamp issued_at);

}  // namespace latchkey::flows
