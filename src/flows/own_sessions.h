// The devices a person is signed in on, and revoking one of them.
#pragma once

#include <vector>

#include "flows/authenticate.h"

namespace latchkey::flows {

// Alive ones, newest first.
std::vector<domain::Session> own_sessions(Environment& env, const Authenticated& who);
// Fails with not_found when the session is another person's, has ended, or never was: the three look the
// same.
base::Result<void> revoke_own_session(Environment& env, const Authenticated& who, domain::SessionId id,
                                      const Client& client);

}  // namespace latchkey::flows
