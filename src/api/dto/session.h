// What clients send to sign in, refresh and sign out, and the session answer they get.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/dto/account.h"
#include "flows/sign_out.h"
#include "http/wire.h"

namespace latchkey::api {

// Always complete, and no type ever varies: times are integers in the unit the name says, or ISO 8601 UTC.
struct SessionAnswer {
  std::string access_token;
  std::string token_type = "bearer";
  std::int64_t expires_in = 0;
  std::int64_t expires_at = 0;
  std::int64_t expires_at_ms = 0;
  std::string expires_at_iso;
  std::string refresh_token;
  std::int64_t session_expires_at = 0;
  std::int64_t session_expires_at_ms = 0;
  std::string session_expires_at_iso;
  std::string uid;
  UserAnswer user;

  static constexpr auto describe() {
    return http::fields(
        http::field("access_token", &SessionAnswer::access_token,
                    {.doc = "A JWT: send it as Authorization: Bearer …"}),
        http::field("token_type", &SessionAnswer::token_type),
        http::field("expires_in", &SessionAnswer::expires_in,
                    {.doc = "Seconds the access token is good for"}),
        http::field("expires_at", &SessionAnswer::expires_at,
                    {.doc = "End of the access token, Unix seconds"}),
        http::field("expires_at_ms", &SessionAnswer::expires_at_ms, {.doc = "The same in milliseconds"}),
        http::field("expires_at_iso", &SessionAnswer::expires_at_iso, {.doc = "The same in ISO 8601"}),
        http::field("refresh_token", &SessionAnswer::refresh_token,
                    {.doc = "Store it anew after every refresh"}),
        http::field("session_expires_at", &SessionAnswer::session_expires_at,
                    {.doc = "End of the session, Unix seconds: FlutterFlow's Token Expiry Time"}),
        http::field("session_expires_at_ms", &SessionAnswer::session_expires_at_ms,
                    {.doc = "The same in milliseconds"}),
        http::field("session_expires_at_iso", &SessionAnswer::session_expires_at_iso,
                    {.doc = "The same in ISO 8601"}),
        http::field("uid", &SessionAnswer::uid, {.doc = "The user id, always a text"}),
        http::field("user", &SessionAnswer::user));
  }
};

struct LoginRequest {
  std::optional<std::string> email;
  std::optional<std::string> username;
  std::optional<std::string> phone;
  std::optional<std::string> identifier;
  base::Secret password;

  static constexpr auto describe() {
    return http::fields(http::field("email", &LoginRequest::email, kEmailField),
                        http::field("username", &LoginRequest::username, kUsernameField),
                        http::field("phone", &LoginRequest::phone, kPhoneField),
                        http::field("identifier", &LoginRequest::identifier,
                                    {.doc = "Any of the three, for a form with one field",
                                     .max_length = 1024,
                                     .empty_is_absent = true}),
                        http::field("password", &LoginRequest::password, kPasswordField));
  }
};

struct RefreshRequest {
  std::optional<std::string> refresh_token;

  static constexpr auto describe() {
    return http::fields(http::field("refresh_token", &RefreshRequest::refresh_token,
                                    {.doc = "The newest refresh token; may be sent as the bearer instead",
                                     .max_length = 65536,
                                     .empty_is_absent = true}));
  }
};

struct LogoutRequest {
  std::optional<flows::SignOutScope> scope;

  static constexpr auto describe() {
    return http::fields(
        http::field("scope", &LogoutRequest::scope,
                    {.doc = "global (default): everywhere; local: here; others: everywhere else",
                     .in = http::In::query}));
  }
};

// The same in the body, for POST /session.
struct LogoutActionRequest {
  std::optional<flows::SignOutScope> scope;

  static constexpr auto describe() {
    return http::fields(
        http::field("scope", &LogoutActionRequest::scope,
                    {.doc = "global (default): everywhere; local: here; others: everywhere else"}));
  }
};

struct SessionIdRequest {
  std::string id;

  static constexpr auto describe() {
    return http::fields(http::field("id", &SessionIdRequest::id,
                                    {.doc = "A session id of GET /sessions",
                                     .in = http::In::path,
                                     .max_length = 64,
                                     .example = "0190d3a1-7c2b-7e55-8f00-2f6f5f1d9c11"}));
  }
};

struct SessionRow {
  std::string id;
  bool current = false;
  std::string created_at;
  std::string refreshed_at;
  std::string expires_at;
  std::string ip;
  std::string user_agent;

  static constexpr auto describe() {
    return http::fields(
        http::field("id", &SessionRow::id),
        http::field("current", &SessionRow::current, {.doc = "True for the session that asks"}),
        http::field("created_at", &SessionRow::created_at),
        http::field("refreshed_at", &SessionRow::refreshed_at),
        http::field("expires_at", &SessionRow::expires_at), http::field("ip", &SessionRow::ip),
        http::field("user_agent", &SessionRow::user_agent));
  }
};

struct SessionList {
  std::vector<SessionRow> sessions;

  static constexpr auto describe() {
    return http::fields(http::field("sessions", &SessionList::sessions, {.doc = "Newest first"}));
  }
};

}  // namespace latchkey::api

template <>
struct latchkey::http::EnumNames<latchkey::flows::SignOutScope> {
  using Scope = latchkey::flows::SignOutScope;
  static constexpr std::array<std::pair<Scope, std::string_view>, 3> kNames = {
      {{Scope::global, "global"}, {Scope::local, "local"}, {Scope::others, "others"}}};
};
