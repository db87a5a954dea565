// Refresh: a new pair of tokens for a session that lives.
#pragma once

#include <string_view>

#include "flows/signed_in.h"

namespace latchkey::flows {

// The rules are domain::decide_refresh's. A successful rotation writes the session's row and nothing else; N
// requests at once with one token get one successor. Fails with refresh_token_not_found,
// refresh_token_already_used (the session is ended then), session_expired, user_banned. The MAC is checked
// before the database is touched.
base::Result<SignedIn> refresh(Environment& env, std::string_view untrusted_refresh_token,
                               const Client& client);

}  // namespace latchkey::flows
