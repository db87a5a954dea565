// The columns of users and sessions, and how a row of them becomes an object; for every statement that reads
// one.
#pragma once

#include "domain/session.h"
#include "domain/user.h"
#include "storage/postgres/connection.h"

// The columns in the order in which read_user and read_session take them; `t` is "" or the table with a dot.
#define LK_USER_COLUMNS_OF(t)                                                                               \
  t "id, " t "email, " t "username_key, " t "username_shown, " t "phone, " t "role, " t "user_metadata, " t \
    "app_metadata, " t "email_confirmed_at, " t "phone_confirmed_at, " t "banned_until, " t                 \
    "last_sign_in_at, " t "created_at, " t "updated_at"
#define LK_USER_COLUMNS LK_USER_COLUMNS_OF("")
#define LK_SESSION_COLUMNS_OF(t)                                                                          \
  t "id, " t "user_id, " t "refresh_counter, " t "successor_seen, " t "created_at, " t "refreshed_at, " t \
    "expires_at, " t "absolute_expires_at, " t "ended_at, " t "ended_by, " t "user_agent, " t "ip, " t    \
    "method"
#define LK_SESSION_COLUMNS LK_SESSION_COLUMNS_OF("")

namespace latchkey::storage::postgres {

domain::User read_user(Rows& row);
domain::Session read_session(Rows& row);

}  // namespace latchkey::storage::postgres
