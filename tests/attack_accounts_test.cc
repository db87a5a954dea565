// Attacks on accounts and limits, each test named after its attack, over the real socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/api.h"
#include "support/connection.h"
#include "support/expect.h"
#include "support/running_server.h"
#include "support/workers.h"

namespace latchkey::e2e {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kWrong = "wrong-password-123";
constexpr std::string_view kOtherPassword = "another-lantern-52-river";

json::object login_by(std::string_view field, std::string_view value, std::string_view password) {
  return {{field, value}, {"password", password}};
}

// --- lock-out --------------------------------------------------------------------------------------------

// Failures under every spelling count for one account: after as many as lock it, the right password is
// refused.
TEST(LockoutDodged, ByCaseUnicodeSpaces) {
  struct Case {
    json::object identifiers;
    std::vector<std::pair<std::string, std::string>> spellings;
  };
  const std::vector<Case> cases = {
      {{{"email", "ada@example.com"}},
       {{"email", "ada@example.com"},
        {"email", "ADA@EXAMPLE.COM"},
        {"email", " ada@example.com\t"},
        {"email", "ａｄａ@example.com"},
        {"identifier", "Ada@Example.com"},
        {"identifier", "ada＠example.com"}}},
      {{{"username", "grace.hopper"}},
       {{"username", "grace.hopper"},
        {"username", "GRACE.HOPPER"},
        {"username", " grace.hopper "},
        {"username", "ｇｒａｃｅ.hopper"},
        {"identifier", "Grace.Hopper"}}},
      {{{"phone", "+493012345678"}},
       {{"phone", "+493012345678"},
        {"phone", "00493012345678"},
        {"phone", "+49 (30) 1234-5678"},
        {"phone", "+４９3012345678"},
        {"identifier", "+49 30 12345678"}}},
  };
  for (const Case& each : cases) {
    const RunningServer server(
        quick_settings({"lockout.account_threshold=" + std::to_string(each.spellings.size()),
                        "lockout.address_threshold=0"}));
    const Api api = server.api();
    json::object account = each.identifiers;
    account["password"] = json::string(kPassword);
    ASSERT_EQ(api.post("/signup", account).status, 200);
    for (const auto& [field, value] : each.spellings) {
      SCOPED_TRACE(value);
      EXPECT_EQ(api.post("/login", login_by(field, value, kPassword)).status, 200) << "the same account";
    }
    for (const auto& [field, value] : each.spellings) {
      expect_error(api.post("/login", login_by(field, value, kWrong)), "invalid_credentials");
    }
    for (const auto& [field, value] : each.spellings) {
      SCOPED_TRACE(value);
      expect_error(api.post("/login", login_by(field, value, kPassword)), "invalid_credentials");
    }
  }
}

// Dots belong to an address: another spelling is another account or none, and never opens this one.
TEST(LockoutDodged, ByDots) {
  const RunningServer server(quick_settings({"lockout.account_threshold=3", "lockout.address_threshold=0"}));
  const Api api = server.api();
  api.signed_up("ada.lovelace@example.com");
  for (const char* other :
       {"adalovelace@example.com", "ada.lovelace.@example.com", "ada..lovelace@example.com",
        "ada.lovelace@example.com.", "ada.lovelace+tag@example.com"}) {
    EXPECT_EQ(api.login(other).status, 400) << other;
  }
  for (int i = 0; i < 3; ++i) api.login("ada.lovelace@example.com", kWrong);
  expect_error(api.login("ada.lovelace@example.com"), "invalid_credentials");
}

TEST(LockoutDodged, ByAnotherAddressOrEndpoint) {
  const RunningServer server(quick_settings(
      {"lockout.account_threshold=3", "lockout.address_threshold=0", "server.trusted_proxies=127.0.0.1"}));
  const Api api = server.api();
  const std::string email = new_email();
  api.signed_up(email);
  const std::string body = json::serialize(login_by("email", email, kWrong));
  const std::string action =
      json::serialize(json::object{{"action", "login"}, {"email", email}, {"password", kWrong}});
  api.call("POST", "/login", {.body = body, .headers = {{"X-Forwarded-For", "192.0.2.1"}}});
  api.call("POST", "/token?grant_type=password",
           {.body = body, .headers = {{"X-Forwarded-For", "192.0.2.2"}}});
  api.call("POST", "/session", {.body = action, .headers = {{"X-Forwarded-For", "192.0.2.3"}}});
  expect_error(api.login(email), "invalid_credentials");
}

// An address that guesses at many accounts is locked itself.
TEST(PasswordSpraying, LocksTheAddress) {
  const RunningServer server(quick_settings(
      {"lockout.account_threshold=0", "lockout.address_threshold=5", "server.trusted_proxies=127.0.0.1"}));
  const Api api = server.api();
  const std::string email = new_email();
  api.signed_up(email);
  const auto from = [&](const char* address, std::string_view who, std::string_view password) {
    return api.call("POST", "/login",
                    {.body = json::serialize(login_by("email", who, password)),
                     .headers = {{"X-Forwarded-For", address}}});
  };
  for (int i = 0; i < 5; ++i) from("2001:db8:1:2::1", new_email(), kWrong);
  expect_error(from("2001:db8:1:2:ffff::9", email, kPassword), "invalid_credentials");
  EXPECT_EQ(from("2001:db8:1:3::1", email, kPassword).status, 200) << "other addresses are not";
}

// --- limits ----------------------------------------------------------------------------------------------

class LimitsDodged : public ::testing::Test {
 protected:
  static Settings limited(const Settings& more = {}) {
    Settings settings{"password.argon2_memory=64KiB", "password.argon2_iterations=1",
                      "rate_limit.login=3/1h"};
    settings.insert(settings.end(), more.begin(), more.end());
    return settings;
  }
  // A login as an account that nobody else tries.
  static Answer attempt(const Api& api, std::string_view path,
                        std::vector<std::pair<std::string, std::string>> headers,
                        std::string_view email = {}) {
    json::object body = login_by("email", email.empty() ? new_email() : std::string(email), kWrong);
    body["action"] = "login";
    return api.call("POST", path, {.body = json::serialize(body), .headers = std::move(headers)});
  }
};

TEST_F(LimitsDodged, ByIpv4MappedAddresses) {
  const RunningServer server(limited({"server.trusted_proxies=127.0.0.1"}));
  for (const char* spelling : {"192.0.2.1", "::ffff:192.0.2.1", "::ffff:c000:201"}) {
    expect_error(attempt(server.api(), "/login", {{"X-Forwarded-For", spelling}}), "invalid_credentials");
  }
  for (const char* spelling : {"192.0.2.1", "::FFFF:192.0.2.1", "0:0:0:0:0:ffff:c000:0201"}) {
    expect_error(attempt(server.api(), "/login", {{"X-Forwarded-For", spelling}}), "over_request_rate_limit");
  }
  expect_error(attempt(server.api(), "/login", {{"X-Forwarded-For", "192.0.2.2"}}), "invalid_credentials");
}

TEST_F(LimitsDodged, ByTheManyAddressesOfOneIpv6Network) {
  const RunningServer server(limited({"server.trusted_proxies=127.0.0.1"}));
  for (const char* address : {"2001:db8::1", "2001:db8::2", "2001:db8:0:0:ffff::"}) {
    expect_error(attempt(server.api(), "/login", {{"X-Forwarded-For", address}}), "invalid_credentials");
  }
  expect_error(attempt(server.api(), "/login", {{"Forwarded", "for=\"[2001:db8::abcd]\""}}),
               "over_request_rate_limit");
  expect_error(attempt(server.api(), "/login", {{"X-Forwarded-For", "2001:db8:0:1::1"}}),
               "invalid_credentials");
}

TEST_F(LimitsDodged, ByForgedForwardedHeadersWithoutAProxy) {
  const RunningServer server(limited());
  for (int i = 0; i < 3; ++i) {
    expect_error(attempt(server.api(), "/login", {{"X-Forwarded-For", "192.0.2." + std::to_string(i)}}),
                 "invalid_credentials");
  }
  for (const char* name :
       {"X-Forwarded-For", "Forwarded", "X-Real-IP", "Client-IP", "CF-Connecting-IP", "True-Client-IP"}) {
    const std::string value = name == std::string_view("Forwarded") ? "for=192.0.2.77" : "192.0.2.77";
    expect_error(attempt(server.api(), "/login", {{name, value}}), "over_request_rate_limit");
  }
}

TEST_F(LimitsDodged, ByForgedHopsInFrontOfAProxy) {
  const RunningServer server(limited({"server.trusted_proxies=127.0.0.1"}));
  for (int i = 0; i < 3; ++i) {
    expect_error(attempt(server.api(), "/login",
                         {{"X-Forwarded-For", "10.0.0." + std::to_string(i) + ", 198.51.100.7"}}),
                 "invalid_credentials");
  }
  expect_error(attempt(server.api(), "/login", {{"X-Forwarded-For", "10.9.9.9, 198.51.100.7"}}),
               "over_request_rate_limit");
  expect_error(
      attempt(server.api(), "/login", {{"X-Forwarded-For", "10.9.9.9"}, {"X-Forwarded-For", "198.51.100.7"}}),
      "over_request_rate_limit");
}

TEST_F(LimitsDodged, ByPathSpellings) {
  const RunningServer server(limited());
  const Api root = server.api().root();
  for (const char* path : {"/auth/v1/login", "//auth/v1///login/", "/auth/v1/token?grant_type=password"}) {
    expect_error(attempt(root, path, {}), "invalid_credentials");
  }
  for (const char* path :
       {"/auth/v1/login", "//auth/v1/login", "/auth//v1/login//", "/auth/v1/login?x=1",
        "/auth/v1/token?grant_type=password", "/auth/v1/session", "http://x/auth/v1/login"}) {
    expect_error(attempt(root, path, {}), "over_request_rate_limit");
  }
  for (const char* path : {"/auth/v1%2flogin", "/auth/v1/%6cogin", "/auth/v1/./login", "/auth/v1/x/../login",
                           "/auth/v1/login;x", "/AUTH/V1/LOGIN", "/auth/v1/login%00", "/auth/v1\\login"}) {
    EXPECT_EQ(attempt(root, path, {}).status, 404) << path;
  }
}

TEST_F(LimitsDodged, ByManyAddressesAgainstOneAccount) {
  const RunningServer server(limited({"server.trusted_proxies=127.0.0.1"}));
  for (int i = 0; i < 3; ++i) {
    expect_error(attempt(server.api(), "/login", {{"X-Forwarded-For", "192.0.2." + std::to_string(i)}},
                         "Ada@example.com"),
                 "invalid_credentials");
  }
  expect_error(attempt(server.api(), "/login", {{"X-Forwarded-For", "192.0.2.99"}}, " ada@EXAMPLE.com"),
               "over_request_rate_limit");
}

// --- telling accounts apart ------------------------------------------------------------------------------

// All that a caller sees but what differs from any answer to the next.
std::string seen(Answer answer) {
  std::string text = std::to_string(answer.status);
  for (const auto& [name, value] : answer.headers) {
    if (name != "date" && name != "x-request-id") text += "\n" + name + ": " + value;
  }
  answer.json.as_object()["request_id"] = "";
  return text + "\n" + json::serialize(answer.json);
}

TEST(AccountEnumeration, LoginAnswersAllAlike) {
  const RunningServer server(quick_settings({"lockout.account_threshold=3", "lockout.address_threshold=0"}));
  const Api api = server.api();
  const Installation& here = server.installation();
  api.signed_up("known@example.com");
  api.signed_up("locked@example.com");
  api.signed_up("banned@example.com");
  ASSERT_EQ(here.run({"user", "add", "--email", "nopassword@example.com", "--no-password"}).status, 0);
  ASSERT_EQ(here.run({"user", "disable", "banned@example.com"}).status, 0);
  for (int i = 0; i < 3; ++i) api.login("locked@example.com", kWrong);

  const Answer unknown = api.login("unknown@example.com", kWrong);
  expect_error(unknown, "invalid_credentials");
  EXPECT_EQ(seen(api.login("known@example.com", kWrong)), seen(unknown));
  EXPECT_EQ(seen(api.login("locked@example.com", kPassword)), seen(unknown));
  EXPECT_EQ(seen(api.login("nopassword@example.com", kPassword)), seen(unknown));
  EXPECT_EQ(seen(api.login("banned@example.com", kWrong)), seen(unknown));
  EXPECT_EQ(seen(api.post("/login", login_by("username", "nobody", kWrong))), seen(unknown));
  EXPECT_EQ(seen(api.post("/login", login_by("phone", "+493012345678", kWrong))), seen(unknown));
}

TEST(AccountEnumeration, SignUpTellsAsConfigured) {
  const RunningServer server;  // signup.existing_account=error, which says so; the silent kind needs mail
  server.api().signed_up("known@example.com");
  expect_error(server.api().sign_up("known@example.com"), "user_already_exists");
  // A password that is refused anyway is refused first: no cheap question whether an account exists.
  EXPECT_EQ(seen(server.api().sign_up("known@example.com", "password")),
            seen(server.api().sign_up("wnown@example.com", "password")));
}

TEST(AccountEnumeration, BanIsToldOnlyAfterTheRightPassword) {
  const RunningServer server;
  const std::string email = new_email();
  const Session session = server.api().signed_up(email);
  ASSERT_EQ(server.installation().run({"user", "disable", email}).status, 0);
  expect_error(server.api().login(email, kWrong), "invalid_credentials");
  expect_error(server.api().login(email), "user_banned");
}

// --- what a body must not grant --------------------------------------------------------------------------

TEST(MassAssignment, NothingThatGrantsHasEffect) {
  const RunningServer server;
  const Api api = server.api();
  const Session victim = api.signed_up(new_email());
  const json::object grants = {{"role", "service_role"},
                               {"app_metadata", {{"admin", true}}},
                               {"raw_app_meta_data", {{"admin", true}}},
                               {"id", victim.uid},
                               {"uid", victim.uid},
                               {"user_id", victim.uid},
                               {"sub", victim.uid},
                               {"aud", "admin"},
                               {"email_confirmed_at", "2020-01-01T00:00:00Z"},
                               {"phone_confirmed_at", "2020-01-01T00:00:00Z"},
                               {"email_verified", true},
                               {"banned_until", nullptr},
                               {"is_super_admin", true},
                               {"is_anonymous", true},
                               {"created_at", "2000-01-01T00:00:00Z"},
                               {"password_hash", "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA"},
                               {"encrypted_password", "x"},
                               {"__proto__", {{"role", "service_role"}}}};
  const auto expect_nothing_granted = [&](const Answer& answer, const std::string& user) {
    ASSERT_EQ(answer.status, 200) << answer.summary();
    EXPECT_EQ(answer.text(user + "role"), "authenticated");
    EXPECT_EQ(answer.text(user + "aud"), "authenticated");
    EXPECT_TRUE(answer.at(user + "app_metadata").as_object().empty());
    EXPECT_EQ(answer.text(user + "email_confirmed_at"), "");
    EXPECT_EQ(answer.text(user + "phone_confirmed_at"), "");
    EXPECT_EQ(answer.at(user + "is_anonymous"), false);
    EXPECT_NE(answer.text(user + "id"), victim.uid);
    EXPECT_THAT(answer.text(user + "created_at"), Not(HasSubstr("2000-01-01")));
  };
  const std::string email = new_email();
  json::object body = grants;
  body["email"] = json::string(email);
  body["password"] = json::string(kPassword);
  const Answer up = api.post("/signup", body);
  expect_nothing_granted(up, "user.");
  const Session session = session_of(up);
  EXPECT_EQ(claims_of(session.access_token).at("role"), "authenticated");
  expect_nothing_granted(api.post("/login", body), "user.");
  for (const char* method : {"PUT", "PATCH"})
    expect_nothing_granted(api.send(method, "/user", session, grants), "");
  // Own data may be called anything; it grants nothing either.
  expect_nothing_granted(api.send("PUT", "/user", session, {{"data", grants}}), "");
  const json::value claims = claims_of(api.refreshed(session).access_token);
  EXPECT_EQ(claims.at("role"), "authenticated");
  EXPECT_EQ(claims.at("sub"), json::value(session.uid));
  EXPECT_TRUE(claims.at("app_metadata").as_object().empty());
}

// --- what must end sessions ------------------------------------------------------------------------------

TEST(SessionsSurvivePasswordChange, ByTheOwner) {
  const RunningServer server;
  const Api api = server.api();
  const std::string email = new_email();
  const Session mine = api.signed_up(email);
  const Session other = api.logged_in(email);
  ASSERT_EQ(
      api.send("PUT", "/user", mine, {{"password", kOtherPassword}, {"current_password", kPassword}}).status,
      200);
  expect_error(api.user(other), "session_not_found");
  expect_error(api.refresh(other.refresh_token), "session_expired");
  EXPECT_EQ(api.user(mine).status, 200);
  expect_error(api.login(email), "invalid_credentials");
}

TEST(SessionsSurvivePasswordChange, ByAnAdministratorBesideTheServer) {
  const RunningServer server;
  const Api api = server.api();
  const std::string email = new_email();
  const Session session = api.signed_up(email);
  const Outcome changed =
      server.installation().run({"user", "set-password", email, "--password-stdin"}, kOtherPassword);
  ASSERT_EQ(changed.status, 0) << changed.err;
  expect_error(api.user(session), "session_not_found");
  expect_error(api.refresh(session.refresh_token), "session_expired");
  EXPECT_EQ(api.login(email, kOtherPassword).status, 200);
}

TEST(RevocationTakesEffectAtOnce, BesideTheServer) {
  const RunningServer server;
  const Api api = server.api();
  const Installation& here = server.installation();
  const std::string email = new_email();
  const Session revoked = api.signed_up(email);
  const Session disabled = api.logged_in(email);
  for (const Session* each : {&revoked, &disabled})
    ASSERT_EQ(api.user(*each).status, 200);  // now in the cache
  ASSERT_EQ(here.run({"session", "revoke", revoked.session_id}).status, 0);
  expect_error(api.user(revoked), "session_not_found");
  EXPECT_EQ(api.user(disabled).status, 200);
  ASSERT_EQ(here.run({"user", "disable", email}).status, 0);
  expect_error(api.user(disabled), "session_not_found");
  expect_error(api.refresh(disabled.refresh_token), "session_expired");
  ASSERT_EQ(here.run({"user", "enable", email}).status, 0);
  EXPECT_EQ(api.login(email).status, 200);
}

// --- passwords -------------------------------------------------------------------------------------------

// Test vectors of crypt_blowfish, imported as another server's accounts would be.
TEST(BcryptTruncation, BytesPast72AndBehindANul) {
  const RunningServer server;
  const Api api = server.api();
  const auto import = [&](const char* email, const char* hash) {
    const Outcome added =
        server.installation().run({"user", "add", "--email", email, "--password-hash-stdin"}, hash);
    ASSERT_EQ(added.status, 0) << added.err;
  };
  const std::string first72 = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  import("long@example.com", "$2a$05$abcdefghijklmnopqrstuu5s2v8.iXieOjg/.AySBTTZIIVFJeBui");
  import("short@example.com", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW");
  for (int made_anew = 0; made_anew < 2;
       ++made_anew) {  // by bcrypt, then by the Argon2 hash that replaced it
    expect_error(api.login("long@example.com", first72 + "chars after 72 are ignored"),
                 "invalid_credentials");
    expect_error(api.login("short@example.com", std::string_view("U*U\0tail", 8)), "invalid_credentials");
    EXPECT_EQ(api.login("long@example.com", first72).status, 200);
    EXPECT_EQ(api.login("short@example.com", "U*U").status, 200);
  }
}

TEST(HashParametersAsDos, HashesThatAskForTooMuchAreNotImported) {
  const Installation here;
  for (const char* hash :
       {"$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
        "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
        "$argon2id$v=19$m=65536,t=4294967295,p=1$c2FsdHNhbHRzYWx0c2FsdA$"
        "aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g",
        "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW",
        "$scrypt$ln=40,r=8,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaGhhc2hoYXNoaGFzaGhhc2hoYXNoaGFzaGhhc2g"}) {
    const Outcome refused =
        here.run({"user", "add", "--email", "ada@example.com", "--password-hash-stdin"}, hash);
    EXPECT_EQ(refused.status, 1) << hash << refused.err;
  }
}

TEST(HashParametersAsDos, PasswordsOfMegabytes) {
  const RunningServer server;
  const std::string email = new_email();
  server.api().signed_up(email);
  Connection connection(server.port());
  const std::string body = R"({"email":"a@example.com","password":")" + std::string(10'000'000, 'k') + "\"}";
  connection.send(request_text("POST", "/auth/v1/login", {.body = body}));  // may be cut off while it sends
  const auto answer = connection.read_answer();
  if (answer) expect_error(*answer, "body_too_large");
  EXPECT_EQ(server.api().login(email, std::string(200'000, 'k')).status, 400);
  expect_error(server.api().sign_up(new_email(), std::string(60'000, 'k')), "weak_password");
  EXPECT_EQ(server.api().login(email).status, 200);
}

// With real hashes, one thread and a short queue: everybody is answered, late comers with 503, and those who
// need no hash do not notice.
TEST(HashParametersAsDos, ManyLoginsAtOnce) {
  const RunningServer server({"rate_limit.enabled=false", "lanes.hash_threads=1", "lanes.hash_queue=4",
                              "lockout.account_threshold=0", "lockout.address_threshold=0"});
  const Api api = server.api();
  const Session session = api.signed_up(new_email());
  const auto answers = at_once(60, [&](std::size_t i) {
    if (i % 3 == 0) return api.user(session);
    if (i % 3 == 1) return api.refresh(session.refresh_token);
    return api.login(new_email(), kWrong);
  });
  std::size_t turned_away = 0;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    if (i % 3 < 2) {
      EXPECT_EQ(answers[i].status, 200) << answers[i].summary();
    } else if (answers[i].status == 503) {
      expect_error(answers[i], "overloaded");
      ++turned_away;
    } else {
      expect_error(answers[i], "invalid_credentials");
    }
  }
  EXPECT_GT(turned_away, 0U);
}

}  // namespace
}  // namespace latchkey::e2e
