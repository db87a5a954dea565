// What sign-up, sign-in and refresh have in common: a session, and the pair of tokens that stands for it.
#pragma once

#include <functional>
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

// The rest of a sign-in or a refresh once its transaction is over, with the signatures: to be called once, on
// any thread. Throws InfraError when the transaction failed.
using FinishSignedIn = std::move_only_function<base::Result<SignedIn>()>;
// Who is told that it is over, as Store::transact_then says.
using WhenSignedIn = std::move_only_function<void(FinishSignedIn)>;

// A session for this user and client that begins now; not stored yet.
domain::Session begin_session(Environment& env, const domain::User& user, const Client& client,
                              base::Timestamp now);
// For Store::transact_then: what to do once a transaction that begins `session` and returns its user is over.
std::move_only_function<void(domain::Settled<base::Result<domain::User>>)> sign_for(Environment& env,
                                                                                    domain::Session session,
                                                                                    WhenSignedIn done);
// For a write that ends with a hash: while others are computed, more such writes are about to come, so that
// sharing a commit with them costs little time and saves much work.
domain::CommitTiming timing_after_hash(const Environment& env);
// Signs the pair for a stored session.
SignedIn make_signed_in(Environment& env, domain::User user, domain::Session session,
                        base::Timestamp issued_at);

}  // namespace latchkey::flows
