// The HTTP contract, promise by promise, against the running program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <memory>
#include <set>

#include "support/api.h"
#include "support/connection.h"
#include "support/expect.h"
#include "support/running_server.h"
#include "support/workers.h"

namespace latchkey::e2e {
namespace {

namespace json = boost::json;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view kOtherPassword = "another-lantern-52-river";

// One server for all tests of this file: each makes accounts of its own.
class Contract : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = std::make_unique<RunningServer>(); }
  static void TearDownTestSuite() { server_.reset(); }

  const Api api = server_->api();
  const Api root = server_->api().root();

  static std::uint16_t port() { return server_->port(); }

 private:
  static std::unique_ptr<RunningServer> server_;
};
std::unique_ptr<RunningServer> Contract::server_;

using SignUp = Contract;
using Login = Contract;
using Refresh = Contract;
using Logout = Contract;
using OwnAccount = Contract;
using Sessions = Contract;
using Bearer = Contract;
using Forgiven = Contract;
using Cors = Contract;
using Http = Contract;
using Service = Contract;

json::object with(json::object fields, std::string_view name, json::value value) {
  fields[name] = std::move(value);
  return fields;
}

json::object credentials(std::string_view email, std::string_view password = kPassword) {
  return {{"email", email}, {"password", password}};
}

// --- sign-up ---------------------------------------------------------------------------------------------

TEST_F(SignUp, AnswersACompleteSession) {
  const std::string email = new_email();
  const Answer answer =
      api.post("/signup", with(credentials(email), "data", {{"full_name", "Zoë \"Q\" Ångström 🔑"}}));
  expect_session(answer);
  EXPECT_EQ(answer.text("user.email"), email);
  EXPECT_EQ(answer.text("user.username"), "");
  EXPECT_EQ(answer.text("user.phone"), "");
  EXPECT_EQ(answer.text("user.email_confirmed_at"), "");
  EXPECT_EQ(answer.text("user.user_metadata.full_name"), "Zoë \"Q\" Ångström 🔑");
  const json::array identities = answer.at("user.identities").as_array();
  ASSERT_THAT(identities, SizeIs(1));
  EXPECT_EQ(identities[0].at("provider"), "email");
  EXPECT_EQ(identities[0].at("identity_data").at("email"), json::value(email));
  EXPECT_EQ(identities[0].at("user_id"), json::value(answer.text("uid")));
}

TEST_F(SignUp, LifetimesAreTheDefaults) {
  const Answer answer = api.sign_up(new_email());
  EXPECT_EQ(answer.at("expires_in"), 3600);
  EXPECT_EQ(answer.at("session_expires_at").as_int64() - answer.at("expires_at").as_int64(),
            30 * 86400 - 3600);
}

TEST_F(SignUp, ByUsernameAndByPhone) {
  const Answer named = api.post("/signup", {{"username", "Grace.Hopper"}, {"password", kPassword}});
  expect_session(named);
  EXPECT_EQ(named.text("user.username"), "Grace.Hopper");
  EXPECT_EQ(named.text("user.email"), "");
  const Answer phoned = api.post("/signup", {{"phone", "+49 (30) 1234-5678"}, {"password", kPassword}});
  expect_session(phoned);
  EXPECT_EQ(phoned.text("user.phone"), "+493012345678");

  for (const json::object& body :
       {json::object{{"username", "GRACE.hopper"}}, json::object{{"identifier", "grace.hopper"}}}) {
    EXPECT_EQ(api.post("/login", with(body, "password", json::string(kPassword))).text("uid"),
              named.text("uid"));
  }
  for (const json::object& body :
       {json::object{{"phone", "00493012345678"}}, json::object{{"identifier", "+493012345678"}}}) {
    EXPECT_EQ(api.post("/login", with(body, "password", json::string(kPassword))).text("uid"),
              phoned.text("uid"));
  }
  expect_error(api.post("/signup", {{"username", "grace.HOPPER"}, {"password", kPassword}}),
               "user_already_exists");
  expect_error(api.post("/signup", {{"phone", "+493012345678"}, {"password", kPassword}}),
               "user_already_exists");
}

TEST_F(SignUp, TakenAddress) {
  const std::string email = new_email();
  api.signed_up(email);
  const Answer again = api.sign_up(email);
  expect_error(again, "user_already_exists");
  EXPECT_EQ(again.text("message"), "User already registered");
  std::string upper = email;
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  expect_error(api.sign_up(" " + upper + "\t"), "user_already_exists");
}

TEST_F(SignUp, WeakPasswordNamesAllReasonsAtOnce) {
  const Answer guessable = api.sign_up(new_email(), "password");
  expect_error(guessable, "weak_password");
  EXPECT_THAT(guessable.at("weak_password.reasons").as_array(), Contains(json::value("guessable")));
  EXPECT_FALSE(guessable.text("weak_password.message").empty());
  const Answer is_short = api.sign_up(new_email(), "abc");
  expect_error(is_short, "weak_password");
  EXPECT_THAT(is_short.at("weak_password.reasons").as_array(),
              IsSupersetOf({json::value("length"), json::value("guessable")}));
  const Answer is_long = api.sign_up(new_email(), std::string(5000, 'k'));
  expect_error(is_long, "weak_password");
  EXPECT_THAT(is_long.at("weak_password.reasons").as_array(), Contains(json::value("too_long")));
  const Answer personal =
      api.post("/signup", {{"username", "margarethamilton"}, {"password", "margarethamilton-1969!"}});
  expect_error(personal, "weak_password");
  EXPECT_THAT(personal.at("weak_password.reasons").as_array(), Contains(json::value("personal")));
}

TEST_F(SignUp, EveryWrongFieldIsNamed) {
  const auto fields_of = [&](const json::value& body) {
    const Answer answer = api.post("/signup", body);
    expect_error(answer, "validation_failed");
    std::vector<std::string> names;
    const json::value fields = answer.at("fields");
    for (const auto& [name, message] : fields.as_object()) {
      names.emplace_back(name);
      EXPECT_FALSE(message.as_string().empty());
    }
    std::ranges::sort(names);
    return names;
  };
  const std::string email = new_email();
  EXPECT_THAT(fields_of({{"password", kPassword}}), ElementsAre("email"));
  EXPECT_THAT(fields_of(credentials("nope")), ElementsAre("email"));
  EXPECT_THAT(fields_of(credentials("null")), ElementsAre("email"));
  EXPECT_THAT(fields_of({{"email", email}}), ElementsAre("password"));
  EXPECT_THAT(fields_of({{"email", email}, {"password", nullptr}}), ElementsAre("password"));
  EXPECT_THAT(fields_of({{"email", email}, {"password", "null"}}), ElementsAre("password"));
  EXPECT_THAT(fields_of({{"email", email}, {"password", "undefined"}}), ElementsAre("password"));
  EXPECT_THAT(fields_of({{"email", 5}, {"password", true}}), ElementsAre("email", "password"));
  EXPECT_THAT(fields_of(with(credentials(email), "data", "text")), ElementsAre("data"));
  for (const json::value& body :
       {json::value(json::array()), json::value("x"), json::value(nullptr), json::value(7)}) {
    expect_error(api.post("/signup", body), "validation_failed");
  }
  expect_error(api.login(email), "invalid_credentials");  // nothing of all that made an account
}

TEST_F(SignUp, PasswordsSurviveEveryCharacter) {
  const std::string past_bcrypt(72, 'q');
  for (const std::string& password :
       {std::string("quote \" and \\ back é🔑 12"), std::string("tab\tand\nnewline 93 kettle"),
        std::string("Ünïcödé-Straße-ключ-77"), std::string(" leading and trailing 88 "),
        std::string("nul\0inside-41-kettle", 20), "first-" + past_bcrypt + "-kettle-91-tail"}) {
    const std::string email = new_email();
    expect_session(api.sign_up(email, password));
    expect_session(api.login(email, password));
    expect_error(api.login(email, password.substr(0, password.size() - 1)), "invalid_credentials");
    expect_error(api.login(email, password + " "), "invalid_credentials");
  }
}

TEST_F(SignUp, OfOneAddressAtOnceMakesOneAccount) {
  const std::string email = new_email();
  const auto answers = at_once(10, [&](std::size_t) { return api.sign_up(email); });
  EXPECT_EQ(std::ranges::count(answers, 200, &Answer::status), 1);
  for (const Answer& answer : answers) {
    if (answer.status != 200) expect_error(answer, "user_already_exists");
  }
}

TEST_F(SignUp, SixtyAtOnceAllSucceed) {
  const auto answers = at_once(60, [&](std::size_t) { return api.sign_up(new_email()); });
  for (const Answer& answer : answers) EXPECT_EQ(answer.status, 200) << answer.summary();
}

// --- login -----------------------------------------------------------------------------------------------

TEST_F(Login, EverySpellingOfTheSame) {
  const std::string email = new_email();
  const Session session = api.signed_up(email);
  std::string upper = email;
  std::ranges::transform(upper, upper.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  for (const auto& [path, body] : std::vector<std::pair<std::string, json::object>>{
           {"/login", credentials(email)},
           {"/login", credentials(upper)},
           {"/login", {{"identifier", "  " + upper}, {"password", kPassword}}},
           {"/token?grant_type=password", credentials(email)},
           {"/session", with(credentials(email), "action", "login")}}) {
    const Answer answer = api.post(path, body);
    expect_session(answer);
    EXPECT_EQ(answer.text("uid"), session.uid) << path;
    EXPECT_NE(answer.text("user.last_sign_in_at"), "");
  }
}

TEST_F(Login, GrantTypeAndActionThatDoNotExist) {
  expect_error(api.post("/token?grant_type=magic", credentials("a@b.example")), "validation_failed");
  expect_error(api.post("/token", credentials("a@b.example")), "validation_failed");
  const Answer answer = api.post("/session", {{"action", "dance"}});
  expect_error(answer, "validation_failed");
  EXPECT_THAT(answer.text("fields.action"), HasSubstr("login"));
  expect_error(api.post("/session", json::object()), "validation_failed");
}

TEST_F(Login, WrongPassword) {
  const std::string email = new_email();
  api.signed_up(email);
  const Answer answer = api.login(email, "wrong-password-123");
  expect_error(answer, "invalid_credentials");
  EXPECT_EQ(answer.text("message"), "Invalid login credentials");
  expect_error(api.login(email, ""), "invalid_credentials");
}

TEST_F(Login, FieldsThatAreMissing) {
  expect_error(api.post("/login", json::object()), "validation_failed");
  const Answer none = api.post("/login", {{"password", kPassword}});
  expect_error(none, "validation_failed");
  EXPECT_FALSE(none.text("fields.email").empty());
  expect_error(api.post("/login", {{"email", "null"}, {"password", kPassword}}), "validation_failed");
}

TEST_F(Login, SessionEndpointDoesEveryAction) {
  const std::string email = new_email();
  const Answer up = api.post("/session", with(credentials(email), "action", "signup"));
  expect_session(up);
  const Answer refreshed =
      api.post("/session", {{"action", "refresh"}, {"refresh_token", up.text("refresh_token")}});
  expect_session(refreshed);
  const Session session = session_of(refreshed);
  EXPECT_EQ(api.send("POST", "/session", session, {{"action", "logout"}, {"scope", "local"}}).status, 204);
  expect_error(api.user(session), "session_not_found");
  expect_error(api.post("/session", {{"action", "logout"}}), "no_authorization");
}

// --- refresh ---------------------------------------------------------------------------------------------

TEST_F(Refresh, EverySpellingOfTheSame) {
  Session session = api.signed_up(new_email());
  const auto step = [&](const Answer& answer) {
    expect_session(answer);
    EXPECT_EQ(answer.text("uid"), session.uid);
    EXPECT_NE(answer.text("refresh_token"), session.refresh_token);
    const Session next = session_of(answer);
    EXPECT_EQ(next.session_id, session.session_id);
    expect_session(Answer(answer));
    EXPECT_EQ(api.user(next).status, 200);
    session = next;
  };
  step(api.refresh(session.refresh_token));
  step(api.call("POST", "/refresh", {.authorization = "Bearer " + session.refresh_token}));
  step(api.call("POST", "/refresh", {.body = "{}", .authorization = "Bearer " + session.refresh_token}));
  step(api.post("/token?grant_type=refresh_token", {{"refresh_token", session.refresh_token}}));
  step(api.post("/session", {{"action", "refresh"}, {"refresh_token", session.refresh_token}}));
}

TEST_F(Refresh, OldAccessTokenStaysGoodUntilItExpires) {
  const Session first = api.signed_up(new_email());
  api.refreshed(first);
  EXPECT_EQ(api.user(first).status, 200);
}

TEST_F(Refresh, DamagedTokens) {
  const std::string token = api.signed_up(new_email()).refresh_token;
  std::string accents;
  for (int i = 0; i < 40; ++i) accents += "é";
  for (const std::string& bad :
       {token.substr(0, token.size() - 4), token + "AAAA", token.substr(6), std::string("lk_rt_"),
        std::string("x"), std::string("null"), accents, std::string(5000, 'A'), " " + token + "x"}) {
    expect_error(api.refresh(bad), "refresh_token_not_found");
  }
  expect_error(api.post("/refresh", {{"refresh_token", 5}}), "validation_failed");
  const Answer missing = api.post("/refresh", json::object());
  expect_error(missing, "validation_failed");
  EXPECT_FALSE(missing.text("fields.refresh_token").empty());
  expect_error(api.call("POST", "/refresh"), "validation_failed");
  expect_session(api.refresh(token));
}

TEST_F(Refresh, AccessTokenIsNoRefreshToken) {
  const Session session = api.signed_up(new_email());
  expect_error(api.refresh(session.access_token), "refresh_token_not_found");
  expect_error(api.call("GET", "/user", {.authorization = "Bearer " + session.refresh_token}), "bad_jwt");
}

// --- logout ----------------------------------------------------------------------------------------------

TEST_F(Logout, Scopes) {
  const std::string email = new_email();
  const Session a = api.signed_up(email);
  const Session b = api.logged_in(email);
  const Session c = api.logged_in(email);
  const Session other = api.signed_up(new_email());

  const Answer local = api.send("POST", "/logout?scope=local", a);
  EXPECT_EQ(local.status, 204);
  EXPECT_EQ(local.body, "");
  expect_common_headers(local);
  expect_error(api.user(a), "session_not_found");
  expect_error(api.refresh(a.refresh_token), "refresh_token_not_found");
  EXPECT_EQ(api.user(b).status, 200);

  EXPECT_EQ(api.send("POST", "/logout?scope=others", b).status, 204);
  EXPECT_EQ(api.user(b).status, 200);
  expect_error(api.user(c), "session_not_found");
  expect_error(api.refresh(c.refresh_token), "refresh_token_not_found");

  const Session d = api.logged_in(email);
  EXPECT_EQ(api.send("POST", "/logout", b).status, 204);
  expect_error(api.user(b), "session_not_found");
  expect_error(api.user(d), "session_not_found");
  EXPECT_EQ(api.user(other).status, 200);
  expect_error(api.send("POST", "/logout", b), "session_not_found");
}

TEST_F(Logout, UnknownScope) {
  const Session session = api.signed_up(new_email());
  const Answer answer = api.send("POST", "/logout?scope=everything", session);
  expect_error(answer, "validation_failed");
  EXPECT_FALSE(answer.text("fields.scope").empty());
  EXPECT_EQ(api.user(session).status, 200);
}

// --- the account -----------------------------------------------------------------------------------------

TEST_F(OwnAccount, WhoAmI) {
  const std::string email = new_email();
  const Session session = api.signed_up(email);
  const Answer me = api.user(session);
  EXPECT_EQ(me.status, 200);
  EXPECT_EQ(me.text("id"), session.uid);
  EXPECT_EQ(me.text("email"), email);
  EXPECT_EQ(me.header("cache-control"), "no-store");
  expect_common_headers(me);
}

TEST_F(OwnAccount, DataIsLaidOverWhatIsThere) {
  const Answer up =
      api.post("/signup", with(credentials(new_email()), "data", {{"name", "Zoë"}, {"old", 1}}));
  const Session session = session_of(up);
  for (const char* method : {"PUT", "PATCH"}) {
    const Answer changed =
        api.send(method, "/user", session, {{"data", {{"city", method}, {"old", nullptr}}}});
    EXPECT_EQ(changed.status, 200) << changed.summary();
    EXPECT_EQ(changed.text("user_metadata.city"), method);
    EXPECT_EQ(changed.text("user_metadata.name"), "Zoë");
    EXPECT_TRUE(changed.at("user_metadata.old").is_null());
  }
  EXPECT_EQ(api.user(session).text("user_metadata.city"), "PATCH");
  EXPECT_EQ(api.send("PUT", "/user", session, json::object()).status, 200);
}

TEST_F(OwnAccount, NumbersInDataStayAsTheyWereSent) {
  const std::string data = R"({"a":[1.5,1e300,-0.0,1e-7,123456789012345678,0.1,5.0,1234.5678901234567]})";
  const Session session = api.signed_up(new_email());
  const Answer changed =
      api.call("PUT", "/user",
               {.body = R"({"data":)" + data + "}", .authorization = "Bearer " + session.access_token});
  EXPECT_THAT(changed.body, HasSubstr(data));
  EXPECT_THAT(api.user(session).body, HasSubstr(data));
  EXPECT_THAT(api.refresh(session.refresh_token).body, HasSubstr(data));
  const auto none = api.call(
      "PUT", "/user", {.body = R"({"data":{"a":1e400}})", .authorization = "Bearer " + session.access_token});
  expect_error(none, "bad_json");
}

TEST_F(OwnAccount, DataHasALimit) {
  const Session session = api.signed_up(new_email());
  expect_error(api.send("PUT", "/user", session, {{"data", {{"big", std::string(20'000, 'x')}}}}),
               "validation_failed");
  EXPECT_EQ(api.send("PUT", "/user", session, {{"data", {{"a", std::string(9'000, 'x')}}}}).status, 200);
  expect_error(api.send("PUT", "/user", session, {{"data", {{"b", std::string(9'000, 'x')}}}}),
               "validation_failed");
}

TEST_F(OwnAccount, NewEmailIsUniqueAndUnconfirmed) {
  const std::string taken = new_email();
  const std::string fresh = new_email();
  api.signed_up(taken);
  const Session session = api.signed_up(new_email());
  expect_error(api.send("PUT", "/user", session, {{"email", taken}}), "user_already_exists");
  const Answer changed =
      api.send("PUT", "/user", session, {{"email", fresh}, {"current_password", kPassword}});
  EXPECT_EQ(changed.status, 200) << changed.summary();
  EXPECT_EQ(changed.text("email"), fresh);
  EXPECT_EQ(changed.text("email_confirmed_at"), "");
  expect_session(api.login(fresh));
}

TEST_F(OwnAccount, NewPassword) {
  const std::string email = new_email();
  const Session session = api.signed_up(email);
  const auto change = [&](std::string_view password, std::string_view current) {
    return api.send("PUT", "/user", session, {{"password", password}, {"current_password", current}});
  };
  expect_error(change("password", kPassword), "weak_password");
  expect_error(change(kPassword, kPassword), "same_password");
  expect_error(change(kOtherPassword, "wrong-password-123"), "invalid_credentials");
  EXPECT_EQ(change(kOtherPassword, kPassword).status, 200);
  EXPECT_EQ(api.user(session).status, 200);
  expect_error(api.login(email), "invalid_credentials");
  expect_session(api.login(email, kOtherPassword));
}

// --- sessions --------------------------------------------------------------------------------------------

TEST_F(Sessions, ListAndRevoke) {
  const std::string email = new_email();
  const Session a = session_of(
      api.call("POST", "/signup",
               {.body = json::serialize(credentials(email)), .headers = {{"User-Agent", "Device A"}}}));
  const Session b = api.logged_in(email);
  const Session stranger = api.signed_up(new_email());

  const Answer listed = api.get("/sessions", b);
  ASSERT_EQ(listed.status, 200);
  const json::array rows = listed.at("sessions").as_array();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].at("id"), json::value(b.session_id));
  EXPECT_EQ(rows[0].at("current"), true);
  EXPECT_EQ(rows[1].at("id"), json::value(a.session_id));
  EXPECT_EQ(rows[1].at("current"), false);
  EXPECT_EQ(rows[1].at("user_agent"), "Device A");
  EXPECT_EQ(rows[1].at("ip"), "127.0.0.1");

  expect_error(api.send("DELETE", "/sessions/" + a.session_id, stranger), "not_found");
  expect_error(api.send("DELETE", "/sessions/0190d3a1-7c2b-7e55-8f00-2f6f5f1d9c11", b), "not_found");
  expect_error(api.send("DELETE", "/sessions/nonsense", b), "not_found");
  EXPECT_EQ(api.user(a).status, 200);
  EXPECT_EQ(api.send("DELETE", "/sessions/" + a.session_id, b).status, 204);
  expect_error(api.user(a), "session_not_found");
  expect_error(api.refresh(a.refresh_token), "session_expired");
  expect_error(api.send("DELETE", "/sessions/" + a.session_id, b), "not_found");
  EXPECT_THAT(api.get("/sessions", b).at("sessions").as_array(), SizeIs(1));
}

// --- what the header looks like --------------------------------------------------------------------------

TEST_F(Bearer, EveryFormIsTold) {
  const std::string token = api.signed_up(new_email()).access_token;
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"Bearer", "bearer_unset"},
      {"Bearer ", "bearer_unset"},
      {"Bearer null", "bearer_unset"},
      {"Bearer undefined", "bearer_unset"},
      {"null", "bearer_unset"},
      {"", "bearer_unset"},
      {"Bearer [token]", "bearer_placeholder"},
      {"Bearer <token>", "bearer_placeholder"},
      {"Bearer Bearer " + token, "bearer_doubled"},
      {"Bearer Bearer", "bearer_unset"},
      {token, "bearer_prefix_missing"},
      {"Token " + token, "bearer_prefix_missing"},
      {"Bearer abc.def.ghi", "bad_jwt"},
      {"Bearer x", "bad_jwt"},
      {"Bearer " + token + " " + token, "bad_jwt"},
  };
  expect_error(api.get("/user"), "no_authorization");
  for (const auto& [header, code] : cases) {
    SCOPED_TRACE(header.substr(0, 30));
    const Answer answer = api.call("GET", "/user", {.authorization = header});
    expect_error(answer, code);
    EXPECT_THAT(answer.body, Not(HasSubstr(token.substr(0, 24)))) << "the token must not be repeated";
  }
  for (const std::string& header : {"bearer " + token, "BEARER   " + token, "Bearer\t" + token}) {
    EXPECT_EQ(api.call("GET", "/user", {.authorization = header}).status, 200) << header.substr(0, 10);
  }
  EXPECT_EQ(api.call("GET", "/user", {.headers = {{"aUTHORIZATION", "Bearer " + token}}}).status, 200);
  EXPECT_EQ(
      api.call("GET", "/user", {.authorization = "Bearer " + token, .headers = {{"apikey", "anything"}}})
          .status,
      200);
}

// RFC 6750 section 3.1: an error only where there was a token.
TEST_F(Bearer, TheChallengeSaysWhetherTheTokenIsNotGood) {
  const Session session = api.signed_up(new_email());
  const auto challenge = [&](std::optional<std::string> authorization) {
    const Answer answer = api.call("GET", "/user", {.authorization = std::move(authorization)});
    EXPECT_EQ(answer.status, 401) << answer.summary();
    return answer.header("www-authenticate");
  };
  EXPECT_EQ(challenge(std::nullopt), "Bearer");
  for (const char* none : {"", "Bearer", "Bearer null", "Basic YWRhOng="})
    EXPECT_EQ(challenge(none), "Bearer") << none;
  const std::string not_good = "Bearer error=\"invalid_token\"";
  for (const char* bad : {"Bearer x", "Bearer [token]", "Bearer Bearer x"})
    EXPECT_EQ(challenge(bad), not_good) << bad;
  ASSERT_EQ(api.send("POST", "/logout?scope=local", session).status, 204);
  EXPECT_EQ(challenge("Bearer " + session.access_token), not_good);
  EXPECT_EQ(api.login("nobody@example.com").count_headers("www-authenticate"), 0U);
}

TEST_F(Bearer, TwoHeadersAreRefused) {
  const std::string token = "Bearer " + api.signed_up(new_email()).access_token;
  expect_error(api.call("GET", "/user", {.authorization = token, .headers = {{"Authorization", token}}}),
               "bad_request");
}

// --- forgiven --------------------------------------------------------------------------------------------

TEST_F(Forgiven, EveryContentType) {
  const std::string email = new_email();
  api.signed_up(email);
  const std::string body = json::serialize(credentials(email));
  for (const char* type :
       {"application/json", "application/json; charset=utf-8", "APPLICATION/JSON;charset=\"UTF-8\"",
        "text/plain", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded",
        "application/octet-stream", "application/vnd.api+json", "nonsense", ""}) {
    expect_session(api.call("POST", "/login", {.body = body, .content_type = type}));
  }
  std::string form = "email=" + email + "&password=" + std::string(kPassword);
  form.replace(form.find('@'), 1, "%40");
  for (const char* type :
       {"application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=utf-8", ""}) {
    expect_session(api.call("POST", "/login", {.body = form, .content_type = type}));
  }
  expect_session(
      api.call("POST", "/login", {.body = json::serialize(json::value(body))}));  // JSON in a JSON text
  expect_session(api.call("POST", "/login", {.body = "\xEF\xBB\xBF" + body}));
}

TEST_F(Forgiven, FormPasswordsSurviveEveryCharacter) {
  const std::string email = new_email();
  expect_session(api.sign_up(email, "plus + and & kettle % 41"));
  expect_session(api.call("POST", "/login",
                          {.body = "email=" + email + "&password=plus+%2B+and+%26+kettle+%25+41",
                           .content_type = "application/x-www-form-urlencoded"}));
}

TEST_F(Forgiven, SlashesAndUnknownFields) {
  const std::string email = new_email();
  api.signed_up(email);
  for (const char* path : {"/auth/v1/login/", "//auth/v1/login", "/auth//v1///login//"}) {
    expect_session(root.post(path, credentials(email)));
  }
  expect_session(api.post("/login", with(credentials(email), "surprise", {{"deep", json::array{1}}})));
  expect_session(api.post("/login?utm=1&x=%zz", credentials(email)));
}

TEST_F(Forgiven, BrokenJsonIsTold) {
  const auto broken = [&](const std::string& body) {
    const Answer answer = api.call("POST", "/signup", {.body = body});
    expect_error(answer, "bad_json");
    return answer.text("hint");
  };
  EXPECT_THAT(broken(R"({"email":"a@b.example","password":"a"b-kettle-41"})"), HasSubstr("escap"));
  EXPECT_THAT(broken("{\"email\":\"a@b.example\",\"password\":\"line\nbreak\"}"), HasSubstr("escap"));
  EXPECT_THAT(broken(R"({"email":"a@b.example","password":"back\slash"})"), HasSubstr("escap"));
  EXPECT_THAT(broken(R"({"email":)"), Not(HasSubstr("escap")));
  broken(R"({"email":a@b.example})");
  broken(R"({"email":"a@b.example",})");
  broken(std::string(20'000, '['));
  broken(std::string("{\"email\":\"\xff\xfe\"}"));
}

// --- CORS ------------------------------------------------------------------------------------------------

TEST_F(Cors, PreflightOfEveryPath) {
  for (const char* path : {"/signup", "/login", "/user", "/refresh", "/logout", "/sessions/x", "/nowhere"}) {
    SCOPED_TRACE(path);
    const Answer answer =
        api.call("OPTIONS", path,
                 {.headers = {{"Origin", "https://my-app.flutterflow.app"},
                              {"Access-Control-Request-Method", "PATCH"},
                              {"Access-Control-Request-Headers", "authorization, content-type, x-custom"}}});
    EXPECT_EQ(answer.status, 204);
    EXPECT_EQ(answer.header("access-control-allow-origin"), "*");
    for (const char* header : {"authorization", "content-type", "x-custom"}) {
      EXPECT_THAT(answer.header("access-control-allow-headers"), HasSubstr(header));
    }
    for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE"}) {
      EXPECT_THAT(answer.header("access-control-allow-methods"), HasSubstr(method));
    }
    EXPECT_GE(std::atoi(answer.header("access-control-max-age").c_str()), 600);
    EXPECT_EQ(answer.header("access-control-allow-credentials"), "");
  }
  EXPECT_EQ(root.call("OPTIONS", "*").status, 204);
}

TEST_F(Cors, OnlyAllowedOriginsWhereConfigured) {
  const RunningServer strict(
      quick_settings({"cors.allowed_origins=https://app.example.com,https://*.flutterflow.app"}));
  const auto allowed = [&](const char* origin) {
    const Answer answer = strict.api().call("GET", "/nowhere", {.headers = {{"Origin", origin}}});
    EXPECT_THAT(answer.header("vary"), HasSubstr("Origin"));
    return answer.header("access-control-allow-origin");
  };
  EXPECT_EQ(allowed("https://app.example.com"), "https://app.example.com");
  EXPECT_EQ(allowed("https://my-app.flutterflow.app"), "https://my-app.flutterflow.app");
  for (const char* origin :
       {"https://evil.example", "http://app.example.com", "https://app.example.com.evil.example",
        "https://flutterflow.app.evil.example", "https://evilflutterflow.app", "null"}) {
    EXPECT_EQ(allowed(origin), "") << origin;
  }
}

// --- HTTP ------------------------------------------------------------------------------------------------

TEST_F(Http, UnknownPathAndMethod) {
  expect_error(api.get("/nowhere"), "not_found");
  expect_error(root.get("/nowhere"), "not_found");
  expect_error(root.get("/auth/v2/login"), "not_found");
  const Answer login = api.call("DELETE", "/login");
  expect_error(login, "method_not_allowed");
  EXPECT_EQ(login.header("allow"), "POST, OPTIONS");
  const Answer user = api.call("POST", "/user", {.body = "{}"});
  expect_error(user, "method_not_allowed");
  EXPECT_EQ(user.header("allow"), "GET, HEAD, PUT, PATCH, OPTIONS");
  expect_error(api.call("BREW", "/login"), "method_not_allowed");
  expect_error(api.call("TRACE", "/login"), "method_not_allowed");
}

TEST_F(Http, HeadIsGetWithoutTheBody) {
  const Answer get = api.get("/settings");
  const Answer head = api.call("HEAD", "/settings");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("content-length"), std::to_string(get.body.size()));
  EXPECT_EQ(head.header("content-type"), get.header("content-type"));
  EXPECT_EQ(api.call("HEAD", "/user").status, 401);
  // Nothing of a body follows on the connection.
  Connection connection(port());
  connection.send(request_text("HEAD", "/healthz", {}) + request_text("GET", "/healthz", {}));
  EXPECT_EQ(connection.read_answer(true)->status, 200);
  EXPECT_EQ(connection.read_answer()->text("status"), "ok");
}

TEST_F(Http, RequestIdsAreUnique) {
  std::set<std::string> ids;
  for (int i = 0; i < 50; ++i) ids.insert(root.get("/healthz").header("x-request-id"));
  EXPECT_THAT(ids, SizeIs(50));
}

TEST_F(Http, PipelinedRequestsAreAnsweredInOrder) {
  Connection connection(port());
  const std::string email = new_email();
  std::string text = request_text("POST", "/auth/v1/signup", {.body = json::serialize(credentials(email))});
  text += request_text("GET", "/healthz", {});
  text += request_text("GET", "/auth/v1/user", {});
  text += request_text("POST", "/auth/v1/login", {.body = json::serialize(credentials(email))});
  connection.send(text);
  expect_session(*connection.read_answer());
  EXPECT_EQ(connection.read_answer()->text("status"), "ok");
  expect_error(*connection.read_answer(), "no_authorization");
  expect_session(*connection.read_answer());
}

TEST_F(Http, KeepAliveAndClose) {
  Connection kept(port());
  for (int i = 0; i < 3; ++i) {
    kept.send(request_text("GET", "/healthz", {}));
    EXPECT_EQ(kept.read_answer()->status, 200);
  }
  Connection closed(port());
  closed.send("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(closed.read_answer()->header("connection"), "close");
  EXPECT_TRUE(closed.ends_now());
  Connection old(port());
  old.send("GET /healthz HTTP/1.0\r\n\r\n");
  EXPECT_EQ(old.read_answer()->status, 200);
  EXPECT_TRUE(old.ends_now());
}

TEST_F(Http, ChunkedBodiesAndExpectContinue) {
  const std::string email = new_email();
  api.signed_up(email);
  const std::string body = json::serialize(credentials(email));
  Connection chunked(port());
  const std::string half = body.substr(0, 10);
  const std::string rest = body.substr(10);
  const auto hex = [](std::size_t n) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    return std::string{kDigits[n / 16 % 16], kDigits[n % 16]};
  };
  chunked.send("POST /auth/v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
               hex(half.size()) + "\r\n" + half + "\r\n" + hex(rest.size()) + "\r\n" + rest +
               "\r\n0\r\n\r\n");
  expect_session(*chunked.read_answer());
  Connection waiting(port());
  waiting.send("POST /auth/v1/login HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: " +
               std::to_string(body.size()) + "\r\n\r\n");
  waiting.send(body);
  expect_session(*waiting.read_answer());
}

TEST_F(Http, TooLarge) {
  Connection announced(port());  // refused before a byte of the body was sent
  announced.send(
      "POST /auth/v1/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: "
      "30000000\r\n\r\n");
  expect_error(*announced.read_answer(), "body_too_large");
  EXPECT_TRUE(announced.ends_now());
  expect_error(api.call("POST", "/login", {.body = std::string(300'000, ' ')}), "body_too_large");
  Connection chunked(port());
  chunked.send("POST /auth/v1/login HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1000000\r\n");
  const std::string piece(100'000, ' ');
  for (int i = 0; i < 5 && chunked.send(piece); ++i) {
  }
  expect_error(*chunked.read_answer(), "body_too_large");

  expect_error(api.get("/" + std::string(9'000, 'a')), "uri_too_long");
  expect_error(api.call("GET", "/user", {.headers = {{"X", std::string(20'000, 'a')}}}), "headers_too_large");
}

// --- the service -----------------------------------------------------------------------------------------

TEST_F(Service, JwksVerifiesTheAccessToken) {
  const Session session = api.signed_up(new_email());
  const json::value header = header_of(session.access_token);
  EXPECT_EQ(header.at("alg"), "ES256");
  EXPECT_EQ(header.at("typ"), "JWT");
  for (const Answer& jwks : {api.get("/.well-known/jwks.json"), root.get("/.well-known/jwks.json")}) {
    ASSERT_EQ(jwks.status, 200);
    EXPECT_EQ(jwks.header("content-type"), "application/json; charset=utf-8");
    EXPECT_THAT(jwks.header("cache-control"), HasSubstr("max-age="));
    expect_common_headers(jwks);
    const json::array keys = jwks.at("keys").as_array();
    EXPECT_THAT(keys, SizeIs(2)) << "the active key and the next one";
    const auto found =
        std::ranges::find_if(keys, [&](const json::value& key) { return key.at("kid") == header.at("kid"); });
    ASSERT_NE(found, keys.end());
    EXPECT_EQ(found->at("kty"), "EC");
    EXPECT_EQ(found->at("crv"), "P-256");
    EXPECT_EQ(found->at("alg"), "ES256");
    EXPECT_EQ(found->at("use"), "sig");
    for (const json::value& key : keys) EXPECT_FALSE(key.as_object().contains("d")) << "no private part";
  }
}

TEST_F(Service, HealthSettingsAndDocument) {
  EXPECT_EQ(api.get("/health").status, 200);
  EXPECT_FALSE(api.get("/health").text("version").empty());
  EXPECT_EQ(root.get("/healthz").text("status"), "ok");
  EXPECT_EQ(root.get("/readyz").text("status"), "ok");
  const Answer settings = api.get("/settings");
  EXPECT_EQ(settings.at("disable_signup"), false);
  EXPECT_EQ(settings.at("access_lifetime_seconds"), 3600);
  EXPECT_EQ(settings.at("external.email"), true);
  const Answer document = root.get("/openapi.json");
  EXPECT_EQ(document.status, 200);
  EXPECT_THAT(document.text("openapi"), StartsWith("3.1"));
  EXPECT_GT(document.at("paths").as_object().size(), 8U);
}

TEST_F(Service, IssuerIsTheSettingAndStandsInTokens) {
  const Session session = api.signed_up(new_email());
  EXPECT_EQ(claims_of(session.access_token).at("iss"), json::value(api.get("/settings").text("issuer")));
}

// --- settings that change what is answered ---------------------------------------------------------------

TEST_F(SignUp, CanBeSwitchedOff) {
  const RunningServer closed(quick_settings({"signup.enabled=false"}));
  expect_error(closed.api().sign_up(new_email()), "signup_disabled");
  EXPECT_EQ(closed.api().get("/settings").at("disable_signup"), true);
}

TEST_F(Service, AnswersRetryAfterOverALimit) {
  const RunningServer limited(
      {"password.argon2_memory=64KiB", "password.argon2_iterations=1", "rate_limit.login=2/1m"});
  for (int i = 0; i < 2; ++i) expect_error(limited.api().login("nobody@example.com"), "invalid_credentials");
  const Answer refused = limited.api().login("nobody@example.com");
  expect_error(refused, "over_request_rate_limit");
  EXPECT_LE(std::atoi(refused.header("retry-after").c_str()), 60);
}

// Every signing algorithm, from sign-up to refresh.
class Algorithm : public ::testing::TestWithParam<const char*> {};

TEST_P(Algorithm, Signs) {
  const RunningServer server(quick_settings({std::string("keys.algorithm=") + GetParam()}));
  const Session session = server.api().signed_up(new_email());
  EXPECT_EQ(header_of(session.access_token).at("alg"), GetParam());
  EXPECT_EQ(server.api().user(server.api().refreshed(session)).status, 200);
  const std::size_t published = server.api().get("/.well-known/jwks.json").at("keys").as_array().size();
  EXPECT_EQ(published, std::string_view(GetParam()) == "HS256" ? 0U : 2U);
}
INSTANTIATE_TEST_SUITE_P(All, Algorithm, ::testing::Values("ES256", "EdDSA", "RS256", "HS256"));

// --- time ------------------------------------------------------------------------------------------------

// Calls until the answer carries that code; a deadline ends it.
Answer poll_until(const std::string& code, const std::function<Answer()>& call) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  for (;;) {
    Answer answer = call();
    if (answer.code() == code || std::chrono::steady_clock::now() > deadline) return answer;
  }
}

TEST(Time, AccessTokenExpiresAndIsRefreshed) {
  const RunningServer server(quick_settings({"session.access_lifetime=1s", "session.idle_lifetime=1h"}));
  const Api api = server.api();
  const Session session = api.signed_up(new_email());
  expect_error(poll_until("token_expired", [&] { return api.user(session); }), "token_expired");
  EXPECT_EQ(api.user(api.refreshed(session)).status, 200);
}

TEST(Time, SessionEndsHoweverOftenItIsRefreshed) {
  const RunningServer server(quick_settings({"session.access_lifetime=1s", "session.idle_lifetime=2s",
                                             "session.absolute_lifetime=2s", "session.refresh_grace=1s"}));
  const Api api = server.api();
  std::string token = api.signed_up(new_email()).refresh_token;
  expect_error(poll_until("session_expired",
                          [&] {
                            Answer answer = api.refresh(token);
                            if (answer.status == 200) token = answer.text("refresh_token");
                            return answer;
                          }),
               "session_expired");
}

}  // namespace
}  // namespace latchkey::e2e
