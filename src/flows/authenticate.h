// Who is asking: from an access token to a person whose session lives now.
#pragma once

#include <string_view>

#include "flows/environment.h"

namespace latchkey::flows {

// A signed-in person. Made by authenticate() only.
struct Authenticated {
  domain::User user;
  domain::Session session;
};

// Verifies the token (or remembers having done so) and reads session and user from the store, so that a
// sign-out, a revocation or a ban counts from the moment it was committed, by whichever process. Fails as
// verify_access_token does, with session_not_found when the session or the user is gone, with user_banned.
base::Result<Authenticated> authenticate(Environment& env, std::string_view untrusted_access_token);

}  // namespace latchkey::flows
