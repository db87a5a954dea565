// Sign-in with a password.
#pragma once

#include "flows/signed_in.h"

namespace latchkey::flows {

struct SignIn {
  domain::Identifier identifier;
  base::Secret password;
};

// Unknown account, account without a password, locked account and wrong password all fail with the same
// invalid_credentials after the same work: one hash (a decoy where there is none to compare with) and one
// event. user_banned only after the right password. Costs one password hash on the calling thread, two when
// the stored one is outdated. `done` is called with what gives the answer or fails; or it is not called, and
// the call itself fails.
base::Result<void> sign_in(Environment& env, const SignIn& request, const Client& client, WhenSignedIn done);

}  // namespace latchkey::flows
