#include "storage/postgres/columns.h"

#include <utility>

#include "storage/stored_values.h"

namespace latchkey::storage::postgres {

using domain::Session;
using domain::SessionId;
using domain::User;
using domain::UserId;

namespace {

base::JsonObjectText read_metadata(Rows& row) {
  auto text = row.optional_text();
  return text ? base::JsonObjectText::make_trusted(*std::move(text)) : base::JsonObjectText();
}

}  // namespace

User read_user(Rows& row) {
  User user;
  user.id = row.id<UserId>();
  if (auto email = row.optional_text()) user.email = domain::Email::make_trusted(*std::move(email));
  auto key = row.optional_text();
  auto shown = row.optional_text();
  if (key) {
    if (!shown) shown = key;
    user.username = domain::Username::make_trusted(*std::move(shown), *std::move(key));
  }
  if (auto phone = row.optional_text()) user.phone = domain::Phone::make_trusted(*std::move(phone));
  if (auto role = row.optional_text()) user.role = domain::Role::make_trusted(*std::move(role));
  user.user_metadata = read_metadata(row);
  user.app_metadata = read_metadata(row);
  user.email_confirmed_at = row.optional_time();
  user.phone_confirmed_at = row.optional_time();
  user.banned_until = row.optional_time();
  user.last_sign_in_at = row.optional_time();
  user.created_at = row.time();
  user.updated_at = row.time();
  return user;
}

Session read_session(Rows& row) {
  Session session;
  session.id = row.id<SessionId>();
  session.user_id = row.id<UserId>();
  session.refresh_counter = row.unsigned_integer<std::uint32_t>();
  session.successor_seen = row.flag();
  session.created_at = row.time();
  session.refreshed_at = row.time();
  session.expires_at = row.time();
  session.absolute_expires_at = row.time();
  session.ended_at = row.optional_time();
  const std::int64_t ended_by = row.integer();
  if (session.ended_at) session.ended_by = session_end_from_stored(ended_by);
  session.user_agent = row.text();
  session.ip = row.text();
  session.method = row.optional_text().value_or(std::string(kUsualMethod));
  return session;
}

}  // namespace latchkey::storage::postgres
