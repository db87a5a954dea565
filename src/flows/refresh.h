// Refresh: a new pair of tokens for a session that lives.
#pragma once

#include <functional>
#include <string_view>

#include "flows/signed_in.h"

namespace latchkey::flows {

// The rules are domain::decide_refresh's. A successful rotation writes the session's row and nothing else; N
// requests at once with one token get one successor. `done` is called as Store::transact_then says, with what
// gives the answer or fails with refresh_token_not_found, refresh_token_already_used (the session is ended
// then), session_expired, user_banned. Fails at once, and without `done`, with refresh_token_not_found: the
// MAC is checked before the database is touched.
base::Result<void> refresh(Environment& env, std::string_view untrusted_refresh_token, const Client& client,
                           WhenSignedIn done);

}  // namespace latchkey::flows
