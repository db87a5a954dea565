// Who is asking: from an access token to a person whose session lives now.
#pragma once

#include <functional>
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

// The rest of it once the session was looked up: to be called once, on any thread. Throws InfraError when the
// lookup failed.
using FinishAuthenticated = std::move_only_function<base::Result<Authenticated>()>;

// The same without waiting for the store. `done` is called as Store::find_session_then says; it is not called
// when the call itself fails, which a token that cannot be verified does.
base::Result<void> authenticate_then(Environment& env, std::string_view untrusted_access_token,
                                     std::move_only_function<void(FinishAuthenticated)> done);

}  // namespace latchkey::flows
