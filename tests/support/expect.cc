#include "support/expect.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <ctime>

#include "base/error.h"
#include "base/uuid.h"
#include "support/api.h"

namespace latchkey::e2e {
namespace {

// The seconds of "2023-11-14T22:13:20Z"; -1 if it is not of that form.
std::int64_t unix_seconds(const std::string& iso) {
  std::tm parts{};
  const char* const end = strptime(iso.c_str(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return end != nullptr && *end == '\0' ? timegm(&parts) : -1;
}

std::int64_t integer(const Answer& answer, std::string_view path) {
  const auto value = answer.at(path);
  EXPECT_TRUE(value.is_int64()) << path << " must be an integer";
  return value.is_int64() ? value.get_int64() : 0;
}

void expect_times(const Answer& answer, const std::string& name) {
  const std::int64_t seconds = integer(answer, name);
  const std::int64_t ms = integer(answer, name + "_ms");
  EXPECT_EQ(ms / 1000, seconds) << name;
  EXPECT_EQ(unix_seconds(answer.text(name + "_iso")), seconds) << name;
}

}  // namespace

void expect_common_headers(const Answer& answer) {
  EXPECT_EQ(answer.header("access-control-allow-origin"), "*") << answer.summary();
  EXPECT_EQ(answer.count_headers("access-control-allow-origin"), 1U);
  EXPECT_NE(answer.header("access-control-expose-headers").find("X-Request-Id"), std::string::npos);
  EXPECT_FALSE(answer.header("x-request-id").empty()) << answer.summary();
  EXPECT_FALSE(answer.header("date").empty());
  EXPECT_FALSE(answer.header("cache-control").empty()) << answer.summary();
  EXPECT_EQ(answer.header("x-content-type-options"), answer.status == 204 ? "" : "nosniff");
}

void expect_error(const Answer& answer, std::string_view code) {
  SCOPED_TRACE(answer.summary());
  const auto known = base::find_error_code(code);
  ASSERT_TRUE(known) << code;
  const base::ErrorInfo& info = base::error_info(*known);
  EXPECT_EQ(answer.status, info.status);
  EXPECT_EQ(answer.text("code"), code);
  EXPECT_EQ(answer.text("error_code"), code);
  EXPECT_FALSE(answer.text("message").empty());
  EXPECT_EQ(answer.text("msg"), answer.text("message"));
  EXPECT_GT(answer.text("hint").size(), 20U);
  EXPECT_EQ(answer.text("request_id"), answer.header("x-request-id"));
  EXPECT_EQ(answer.header("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(answer.header("cache-control"), "no-store");
  EXPECT_EQ(answer.at("fields").is_object(), code == "validation_failed");
  EXPECT_EQ(answer.at("weak_password").is_object(), code == "weak_password");
  const bool may_be_retried = info.status == 429 || info.status == 503;
  EXPECT_EQ(may_be_retried, !answer.header("retry-after").empty());
  EXPECT_GE(std::atoi(answer.header("retry-after").c_str()), may_be_retried ? 1 : 0);
  EXPECT_EQ(answer.count_headers("www-authenticate"), info.status == 401 ? 1U : 0U);
  expect_common_headers(answer);
}

void expect_session(const Answer& answer) {
  SCOPED_TRACE(answer.summary());
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("content-type"), "application/json; charset=utf-8");
  EXPECT_EQ(answer.header("cache-control"), "no-store");
  expect_common_headers(answer);

  EXPECT_EQ(answer.text("token_type"), "bearer");
  EXPECT_TRUE(answer.text("refresh_token").starts_with("lk_rt_"));
  expect_times(answer, "expires_at");
  expect_times(answer, "session_expires_at");
  EXPECT_GT(integer(answer, "expires_in"), 0);
  EXPECT_GE(integer(answer, "session_expires_at"), integer(answer, "expires_at"));

  const std::string uid = answer.text("uid");
  EXPECT_TRUE(base::Uuid::parse(uid)) << uid;
  EXPECT_EQ(uid[14], '7') << "a UUID of version 7";
  EXPECT_EQ(answer.text("user.id"), uid);
  for (const char* name : {"aud", "role", "email", "email_confirmed_at", "phone", "phone_confirmed_at",
                           "username", "confirmed_at", "last_sign_in_at", "created_at", "updated_at"}) {
    EXPECT_TRUE(answer.at(std::string("user.") + name).is_string()) << name;
  }
  EXPECT_EQ(answer.text("user.aud"), "authenticated");
  EXPECT_EQ(answer.text("user.role"), "authenticated");
  EXPECT_TRUE(answer.at("user.app_metadata").is_object());
  EXPECT_TRUE(answer.at("user.user_metadata").is_object());
  EXPECT_TRUE(answer.at("user.identities").is_array());
  EXPECT_TRUE(answer.at("user.is_anonymous").is_bool());

  const auto claims = claims_of(answer.text("access_token"));
  for (const char* name : {"iss", "sub", "aud", "jti", "session_id", "role", "email", "phone", "aal"}) {
    const auto* claim = claims.as_object().if_contains(name);
    EXPECT_TRUE(claim != nullptr && claim->is_string()) << "claim " << name;
  }
  EXPECT_EQ(claims.at("sub").as_string(), uid);
  EXPECT_EQ(claims.at("aud").as_string(), "authenticated");
  EXPECT_EQ(claims.at("exp").as_int64(), integer(answer, "expires_at"));
  EXPECT_EQ(claims.at("exp").as_int64() - claims.at("iat").as_int64(), integer(answer, "expires_in"));
  EXPECT_TRUE(claims.at("amr").is_array());
  EXPECT_TRUE(claims.at("app_metadata").is_object());
  EXPECT_TRUE(claims.at("user_metadata").is_object());
  EXPECT_FALSE(claims.at("is_anonymous").as_bool());
}

}  // namespace latchkey::e2e
