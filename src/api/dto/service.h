// What the service says of itself.
#pragma once

#include <cstdint>
#include <string>

#include "http/wire.h"

namespace latchkey::api {

struct HealthAnswer {
  std::string name = "Latchkey";
  std::string version;
  std::string description = "Authentication server";
  std::string status = "ok";

  static constexpr auto describe() {
    return http::fields(
        http::field("name", &HealthAnswer::name), http::field("version", &HealthAnswer::version),
        http::field("description", &HealthAnswer::description), http::field("status", &HealthAnswer::status));
  }
};

struct StatusAnswer {
  std::string status = "ok";

  static constexpr auto describe() { return http::fields(http::field("status", &StatusAnswer::status)); }
};

struct IdentifierSettings {
  bool email = true;
  bool username = true;
  bool phone = true;

  static constexpr auto describe() {
    return http::fields(http::field("email", &IdentifierSettings::email),
                        http::field("username", &IdentifierSettings::username),
                        http::field("phone", &IdentifierSettings::phone));
  }
};

// GoTrue's names where it has the case.
struct SettingsAnswer {
  IdentifierSettings external;
  bool disable_signup = false;
  bool mailer_autoconfirm = true;
  bool phone_autoconfirm = true;
  std::string environment;
  std::string issuer;
  std::int64_t access_lifetime_seconds = 0;
  std::int64_t session_idle_lifetime_seconds = 0;
  std::int64_t session_absolute_lifetime_seconds = 0;
  std::int64_t password_min_length = 0;
  std::int64_t password_max_length = 0;

  static constexpr auto describe() {
    return http::fields(
        http::field("external", &SettingsAnswer::external, {.doc = "What people can sign up and in with"}),
        http::field("disable_signup", &SettingsAnswer::disable_signup),
        http::field("mailer_autoconfirm", &SettingsAnswer::mailer_autoconfirm,
                    {.doc = "True: sign-up signs in without a confirmation mail"}),
        http::field("phone_autoconfirm", &SettingsAnswer::phone_autoconfirm),
        http::field("environment", &SettingsAnswer::environment),
        http::field("issuer", &SettingsAnswer::issuer),
        http::field("access_lifetime_seconds", &SettingsAnswer::access_lifetime_seconds),
        http::field("session_idle_lifetime_seconds", &SettingsAnswer::session_idle_lifetime_seconds),
        http::field("session_absolute_lifetime_seconds", &SettingsAnswer::session_absolute_lifetime_seconds),
        http::field("password_min_length", &SettingsAnswer::password_min_length),
        http::field("password_max_length", &SettingsAnswer::password_max_length));
  }
};

}  // namespace latchkey::api
