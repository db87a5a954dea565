// What an administrator does with sessions.
#pragma once

#include <vector>

#include "flows/environment.h"

namespace latchkey::flows {

// Alive ones, newest first.
std::vector<domain::Session> list_sessions(Environment& env, domain::UserId user_id);
// Fails with not_found when it is unknown or has ended.
base::Result<void> revoke_session(Environment& env, domain::SessionId id);
// How many were ended.
std::uint64_t revoke_all_sessions(Environment& env, domain::UserId user_id);

}  // namespace latchkey::flows
