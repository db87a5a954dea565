// What clients send and get about an account.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/wire.h"

namespace latchkey::api {

// GoTrue's identity: one way this account is known.
struct IdentityAnswer {
  std::string identity_id;
  std::string id;
  std::string user_id;
  std::string provider;
  base::JsonObjectText identity_data;
  std::string created_at;
  std::string updated_at;
  std::string last_sign_in_at;

  static constexpr auto describe() {
    return http::fields(
        http::field("identity_id", &IdentityAnswer::identity_id), http::field("id", &IdentityAnswer::id),
        http::field("user_id", &IdentityAnswer::user_id),
        http::field("provider", &IdentityAnswer::provider, {.doc = "email, phone or username"}),
        http::field("identity_data", &IdentityAnswer::identity_data),
        http::field("created_at", &IdentityAnswer::created_at),
        http::field("updated_at", &IdentityAnswer::updated_at),
        http::field("last_sign_in_at", &IdentityAnswer::last_sign_in_at));
  }
};

// GoTrue's user. Texts are "" rather than null where there is nothing, so that types never vary.
struct UserAnswer {
  std::string id;
  std::string aud;
  std::string role;
  std::string email;
  std::string email_confirmed_at;
  std::string phone;
  std::string phone_confirmed_at;
  std::string username;
  std::string confirmed_at;
  std::string last_sign_in_at;
  base::JsonObjectText app_metadata;
  base::JsonObjectText user_metadata;
  std::vector<IdentityAnswer> identities;
  bool is_anonymous = false;
  std::string created_at;
  std::string updated_at;

  static constexpr auto describe() {
    return http::fields(
        http::field("id", &UserAnswer::id, {.doc = "The user id: a UUID that never changes"}),
        http::field("aud", &UserAnswer::aud), http::field("role", &UserAnswer::role),
        http::field("email", &UserAnswer::email, {.doc = "Empty when the account has none"}),
        http::field("email_confirmed_at", &UserAnswer::email_confirmed_at, {.doc = "ISO 8601 UTC, or empty"}),
        http::field("phone", &UserAnswer::phone, {.doc = "E.164, or empty"}),
        http::field("phone_confirmed_at", &UserAnswer::phone_confirmed_at),
        http::field("username", &UserAnswer::username, {.doc = "As it was typed, or empty"}),
        http::field("confirmed_at", &UserAnswer::confirmed_at),
        http::field("last_sign_in_at", &UserAnswer::last_sign_in_at),
        http::field("app_metadata", &UserAnswer::app_metadata, {.doc = "Set by administrators only"}),
        http::field("user_metadata", &UserAnswer::user_metadata, {.doc = "The person's own data"}),
        http::field("identities", &UserAnswer::identities),
        http::field("is_anonymous", &UserAnswer::is_anonymous),
        http::field("created_at", &UserAnswer::created_at),
        http::field("updated_at", &UserAnswer::updated_at));
  }
};

// Where identifiers and passwords are taken from: the same words and bounds everywhere.
inline constexpr http::FieldOptions kEmailField{.doc = "Email address, compared without regard to case",
                                                .max_length = 1024,
                                                .empty_is_absent = true,
                                                .format = "email",
                                                .example = "ada@example.com"};
inline constexpr http::FieldOptions kUsernameField{
    .doc = "User name, compared without regard to case", .max_length = 1024, .empty_is_absent = true};
inline constexpr http::FieldOptions kPhoneField{
    .doc = "Phone number in E.164", .max_length = 1024, .empty_is_absent = true};
// Longer than any password that is accepted, so that a long one is told what is wrong and never cut.
inline constexpr http::FieldOptions kPasswordField{.doc = "The password",
                                                   .max_length = 65536,
                                                   .reject_null_text = true,
                                                   .example = "violet-harbour-41-kettle"};

struct SignUpRequest {
  std::optional<std::string> email;
  std::optional<std::string> username;
  std::optional<std::string> phone;
  base::Secret password;
  std::optional<base::JsonObjectText> data;

  static constexpr auto describe() {
    return http::fields(
        http::field("email", &SignUpRequest::email, kEmailField),
        http::field("username", &SignUpRequest::username, kUsernameField),
        http::field("phone", &SignUpRequest::phone, kPhoneField),
        http::field("password", &SignUpRequest::password, kPasswordField),
        http::field("data", &SignUpRequest::data,
                    {.doc = "The person's own data, kept as user_metadata", .max_length = 16384}));
  }
};

struct UpdateUserRequest {
  std::optional<std::string> email;
  std::optional<base::Secret> password;
  std::optional<base::Secret> current_password;
  std::optional<base::JsonObjectText> data;

  static constexpr auto describe() {
    return http::fields(
        http::field(
            "email", &UpdateUserRequest::email,
            {.doc = "The new email address", .max_length = 1024, .empty_is_absent = true, .format = "email"}),
        http::field("password", &UpdateUserRequest::password,
                    {.doc = "The new password", .max_length = 65536, .reject_null_text = true}),
        http::field("current_password", &UpdateUserRequest::current_password,
                    {.doc = "Needed to change email or password, unless the sign-in is a few minutes old",
                     .max_length = 65536,
                     .reject_null_text = true}),
        http::field("data", &UpdateUserRequest::data,
                    {.doc = "Laid over user_metadata; null removes a key",
                     .max_length = 16384,
                     .example = R"({"full_name":"Ada Lovelace"})"}));
  }
};

}  // namespace latchkey::api
