#include "api/answers.h"

namespace latchkey::api {
namespace {

std::string iso_or_empty(const std::optional<base::Timestamp>& time) {
  return time ? base::to_iso8601_ms(*time) : std::string();
}

IdentityAnswer make_identity(const domain::User& user, std::string_view provider, const std::string& value) {
  std::string data;
  base::JsonWriter(data)
      .begin_object()
      .member("sub", user.id.to_string())
      .member(provider, value)
      .end_object();
  IdentityAnswer identity;
  identity.id = identity.identity_id = identity.user_id = user.id.to_string();
  identity.provider = provider;
  identity.identity_data = base::JsonObjectText::make_trusted(std::move(data));
  identity.created_at = base::to_iso8601_ms(user.created_at);
  identity.updated_at = base::to_iso8601_ms(user.updated_at);
  identity.last_sign_in_at = iso_or_empty(user.last_sign_in_at);
  return identity;
}

}  // namespace

UserAnswer make_user_answer(const domain::User& user) {
  UserAnswer answer;
  answer.id = user.id.to_string();
  answer.aud = "authenticated";
  answer.role = user.role.text();
  if (user.email) {
    answer.email = user.email->text();
    answer.identities.push_back(make_identity(user, "email", answer.email));
  }
  if (user.phone) {
    answer.phone = user.phone->text();
    answer.identities.push_back(make_identity(user, "phone", answer.phone));
  }
  if (user.username) {
    answer.username = user.username->shown();
    answer.identities.push_back(make_identity(user, "username", answer.username));
  }
  answer.email_confirmed_at = iso_or_empty(user.email_confirmed_at);
  answer.phone_confirmed_at = iso_or_empty(user.phone_confirmed_at);
  answer.confirmed_at = user.email_confirmed_at ? answer.email_confirmed_at : answer.phone_confirmed_at;
  answer.last_sign_in_at = iso_or_empty(user.last_sign_in_at);
  answer.app_metadata = user.app_metadata;
  answer.user_metadata = user.user_metadata;
  answer.created_at = base::to_iso8601_ms(user.created_at);
  answer.updated_at = base::to_iso8601_ms(user.updated_at);
  return answer;
}

SessionAnswer make_session_answer(const flows::SignedIn& signed_in) {
  SessionAnswer answer;
  const base::Timestamp access_end = signed_in.access.expires_at;
  const base::Timestamp session_end = signed_in.session.expires_at;
  answer.access_token = signed_in.access.text;
  answer.expires_in = base::to_unix_seconds(access_end) - base::to_unix_seconds(signed_in.issued_at);
  answer.expires_at = base::to_unix_seconds(access_end);
  answer.expires_at_ms = base::to_unix_ms(access_end);
  answer.expires_at_iso = base::to_iso8601(access_end);
  answer.refresh_token = signed_in.refresh_token;
  answer.session_expires_at = base::to_unix_seconds(session_end);
  answer.session_expires_at_ms = base::to_unix_ms(session_end);
  answer.session_expires_at_iso = base::to_iso8601(session_end);
  answer.user = make_user_answer(signed_in.user);
  answer.uid = answer.user.id;
  return answer;
}

SessionRow make_session_row(const domain::Session& session, domain::SessionId current) {
  return {.id = session.id.to_string(),
          .current = session.id == current,
          .created_at = base::to_iso8601_ms(session.created_at),
          .refreshed_at = base::to_iso8601_ms(session.refreshed_at),
          .expires_at = base::to_iso8601_ms(session.expires_at),
          .ip = session.ip,
          .user_agent = session.user_agent};
}

}  // namespace latchkey::api
