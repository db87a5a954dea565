// Attacks below the API: on the HTTP layer, its limits, and what leaks. Each test is named after its attack.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "support/api.h"
#include "support/connection.h"
#include "support/expect.h"
#include "support/running_server.h"
#include "support/workers.h"

namespace latchkey::e2e {
namespace {

namespace json = boost::json;
using ::testing::AnyOf;
using ::testing::HasSubstr;
using ::testing::Not;

// --- errors ----------------------------------------------------------------------------------------------

TEST(DetailsOfOneRequestInAnothersError, UnderParallelLoad) {
  const RunningServer server;
  const Api api = server.api();
  at_once(8, [&](std::size_t worker) {
    for (int round = 0; round < 25; ++round) {
      const std::string mark = "mark" + std::to_string(worker) + "x" + std::to_string(round) + "x";
      const Answer field = api.post("/signup", {{"email", mark}, {"password", kPassword}});
      EXPECT_EQ(field.at("fields").as_object().size(), 1U) << field.summary();
      EXPECT_FALSE(field.text("fields.email").empty());
      const Answer other = api.post("/signup", {{"email", mark + "@example.com"}, {"password", 5}});
      EXPECT_EQ(other.at("fields").as_object().size(), 1U) << other.summary();
      EXPECT_FALSE(other.text("fields.password").empty());
      const Answer weak = api.sign_up(mark + "@example.com", "abc");
      EXPECT_EQ(weak.code(), "weak_password");
      const Answer wrong = api.login(mark + "@example.com", mark);
      EXPECT_EQ(wrong.code(), "invalid_credentials");
      const Answer broken = api.call("POST", "/login", {.body = "{\"email\":\"" + mark});
      EXPECT_EQ(broken.code(), "bad_json");
      for (const Answer* answer : {&field, &other, &weak, &wrong, &broken}) {
        EXPECT_THAT(answer->body, Not(HasSubstr("mark"))) << "no error repeats what was sent";
        EXPECT_EQ(answer->text("request_id"), answer->header("x-request-id"));
      }
    }
    return 0;
  });
}

// --- Host ------------------------------------------------------------------------------------------------

TEST(HostHeaderPoisoning, ChangesNothingThatIsAnswered) {
  const RunningServer server;
  const Api api = server.api();
  const std::string email = new_email();
  const json::value issuer = claims_of(api.signed_up(email).access_token).at("iss");
  const std::string body = json::serialize(json::object{{"email", email}, {"password", kPassword}});
  const std::string lies =
      "X-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: gopher\r\nX-Forwarded-Port: 666\r\n"
      "Forwarded: for=1.2.3.4;host=evil.example;proto=gopher\r\nX-Original-URL: /evil.example\r\n"
      "X-Rewrite-URL: /evil.example\r\nOrigin: https://evil.example\r\nReferer: https://evil.example/\r\n";
  for (const std::string& target :
       {std::string("/auth/v1/login"), std::string("http://evil.example/auth/v1/login")}) {
    Connection connection(server.port());
    connection.send("POST " + target + " HTTP/1.1\r\nHost: evil.example\r\n" + lies +
                    "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    const auto answer = connection.read_answer();
    ASSERT_TRUE(answer);
    expect_session(*answer);
    EXPECT_EQ(claims_of(answer->text("access_token")).at("iss"), issuer);
    EXPECT_THAT(answer->body, Not(HasSubstr("evil")));
  }
  for (const char* path : {"/healthz", "/openapi.json", "/auth/v1/settings", "/auth/v1/health",
                           "/auth/v1/user", "/.well-known/jwks.json", "/nowhere", "/auth/v1/login"}) {
    Connection connection(server.port());
    connection.send(std::string("GET ") + path + " HTTP/1.1\r\nHost: evil.example\r\n" + lies + "\r\n");
    const auto answer = connection.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_THAT(answer->body, Not(HasSubstr("evil"))) << path;
    EXPECT_EQ(answer->header("location"), "");
    for (const auto& [name, value] : answer->headers) EXPECT_THAT(value, Not(HasSubstr("evil"))) << name;
  }
}

// --- request smuggling -----------------------------------------------------------------------------------

class RequestSmuggling : public ::testing::Test {
 protected:
  const RunningServer server;

  // One refusal, then the end: what stands behind is never taken for a request.
  void expect_refused(const std::string& bytes) {
    SCOPED_TRACE(bytes.substr(0, 120));
    Connection connection(server.port());
    connection.send(bytes + "GET /healthz?smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto answer = connection.read_answer();
    ASSERT_TRUE(answer);
    expect_error(*answer, "bad_request");
    EXPECT_EQ(answer->header("connection"), "close");
    EXPECT_TRUE(connection.ends_now());
  }
};

TEST_F(RequestSmuggling, LengthsThatTwoReadersCouldReadInTwoWays) {
  const std::string start = "POST /auth/v1/login HTTP/1.1\r\nHost: x\r\n";
  for (const char* headers : {
           "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
           "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
           "Content-Length: 2, 3\r\n\r\n{}",
           "Content-Length: +2\r\n\r\n{}",
           "Content-Length: -2\r\n\r\n{}",
           "Content-Length: 0x2\r\n\r\n{}",
           "Content-Length: 2 2\r\n\r\n{}",
           "Content-Length: 99999999999999999999\r\n\r\n{}",
           "Content-Length : 2\r\n\r\n{}",
           "Content-Length\r\n: 2\r\n\r\n{}",
           "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
           "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
           "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
           "Transfer-Encoding: gzip\r\n\r\n0\r\n\r\n",
           "Transfer-Encoding:\vchunked\r\n\r\n0\r\n\r\n",
           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
           "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
           "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n",
           "Transfer-Encoding: chunked\r\n\r\n2\r\n{}XX0\r\n\r\n",
       }) {
    expect_refused(start + headers);
  }
}

TEST_F(RequestSmuggling, LinesThatTwoReadersCouldReadInTwoWays) {
  for (const std::string& bytes : {
           std::string("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: a\r\n b\r\n\r\n"),  // obs-fold
           std::string("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A:\r\n\tb\r\n\r\n"),
           std::string("GET /healthz HTTP/1.1\nHost: x\n\n"),  // bare LF
           std::string("GET /healthz HTTP/1.1\r\nHost: x\nX-A: b\r\n\r\n"),
           std::string("GET /healthz HTTP/1.1\r\nHost: x\rX-A: b\r\n\r\n"),  // bare CR
           std::string("GET /healthz HTTP/1.1\r\nHost: x\r\nX-A: b\0c\r\n\r\n", 50),
           std::string("GET /healthz HTTP/1.1\r\nHost: x\r\nX A: b\r\n\r\n"),
           std::string("GET /healthz HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n"),
           std::string("GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n"),
           std::string("GET /healthz HTTP/1.1\r\n\r\n"),  // no Host
           std::string("GET /healthz HTTP/1.2x\r\nHost: x\r\n\r\n"),
           std::string("GET  /healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
           std::string("GET /health z HTTP/1.1\r\nHost: x\r\n\r\n"),
           std::string("GET healthz HTTP/1.1\r\nHost: x\r\n\r\n"),
           std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
           std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 15),  // TLS on a plain port
       }) {
    expect_refused(bytes);
  }
}

TEST_F(RequestSmuggling, ABodyIsNeverTheNextRequest) {
  const std::string hidden = "GET /auth/v1/settings HTTP/1.1\r\nHost: x\r\n\r\n";
  Connection connection(server.port());
  connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(hidden.size()) +
                  "\r\n\r\n" + hidden + "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(connection.read_answer()->text("status"), "ok");
  const auto last = connection.read_answer();
  EXPECT_EQ(last->body, R"({"status":"ok"})");
  EXPECT_TRUE(connection.ends_now());
}

// --- slow, half and large --------------------------------------------------------------------------------

class SlowLoris : public ::testing::Test {
 protected:
  const RunningServer server{
      quick_settings({"http.header_timeout=300ms", "http.body_timeout=300ms", "http.idle_timeout=300ms"})};
};

TEST_F(SlowLoris, HalfRequestsAreCutAndHarmNobody) {
  std::vector<std::unique_ptr<Connection>> slow;
  for (int i = 0; i < 50; ++i) {
    slow.push_back(std::make_unique<Connection>(server.port()));
    slow.back()->send(i % 2 == 0
                          ? "POST /auth/v1/login HTTP/1.1\r\nHost: x\r\nX-A"
                          : "POST /auth/v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"em");
  }
  expect_session(server.api().sign_up(new_email()));
  for (const auto& each : slow) {
    const auto answer = each->read_answer();
    ASSERT_TRUE(answer);
    expect_error(*answer, "request_timeout");
    EXPECT_TRUE(each->ends_now());
  }
}

// The time runs from the first byte, however many follow.
TEST_F(SlowLoris, DribblingDoesNotProlong) {
  for (const std::string& start :
       {std::string("GET /healthz HTTP/1.1\r\nX: "),
        std::string("POST /auth/v1/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")}) {
    Connection dribbling(server.port());
    dribbling.send(start);
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (dribbling.send("a") && std::chrono::steady_clock::now() < deadline) {
      EXPECT_EQ(server.api().root().get("/healthz").status, 200);
    }
    EXPECT_LT(std::chrono::steady_clock::now(), deadline);
  }
}

TEST_F(SlowLoris, SilentConnectionsAreClosed) {
  Connection silent(server.port());
  EXPECT_THAT(silent.read_to_end(), AnyOf("", HasSubstr("request_timeout")));
  Connection after_a_request(server.port());
  after_a_request.send(request_text("GET", "/healthz", {}));
  EXPECT_EQ(after_a_request.read_answer()->status, 200);
  EXPECT_TRUE(after_a_request.ends_now());
}

TEST(ConnectionFlood, BeyondTheLimitIsToldToComeBack) {
  const RunningServer server(quick_settings({"server.max_connections=4"}));
  std::vector<std::unique_ptr<Connection>> held;
  for (int i = 0; i < 4; ++i) {
    held.push_back(std::make_unique<Connection>(server.port()));
    held.back()->send(request_text("GET", "/healthz", {}));
    ASSERT_EQ(held.back()->read_answer()->status, 200);
  }
  Connection refused(server.port());
  const auto answer = refused.read_answer();
  ASSERT_TRUE(answer);
  expect_error(*answer, "overloaded");
  EXPECT_TRUE(refused.ends_now());
}

TEST(OversizedRequests, HeadersLinesAndBodies) {
  const RunningServer server;
  const Api api = server.api();
  expect_error(api.call("GET", "/user", {.headers = {{"X", std::string(200'000, 'a')}}}),
               "headers_too_large");
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 5000; ++i) many.emplace_back("X-" + std::to_string(i), "a");
  expect_error(api.call("GET", "/user", {.headers = many}), "headers_too_large");
  expect_error(api.get("/" + std::string(9'000, 'a')), "uri_too_long");
  EXPECT_EQ(api.root().get("/healthz").status, 200);
}

TEST(DeepJson, NestedTooDeepIsRefused) {
  const RunningServer server;
  const Api api = server.api();
  for (const std::string& body :
       {std::string(100'000, '['), R"({"data":)" + std::string(100, '[') + std::string(100, ']') + "}", [] {
          std::string text;
          for (int i = 0; i < 20'000; ++i) text += "{\"a\":";
          return text;
        }()}) {
    expect_error(api.call("POST", "/signup", {.body = body}), "bad_json");
  }
  // Wide, repeated and extreme values are read, and nothing comes of them.
  std::string wide = "{";
  for (int i = 0; i < 10'000; ++i) wide += "\"k" + std::to_string(i) + "\":1,";
  EXPECT_EQ(api.call("POST", "/login", {.body = wide + "\"email\":1e999999}"}).status, 400);
  const Answer answer = api.call("POST", "/login", {.body = wide + "\"email\":\"a@example.com\"}"});
  EXPECT_EQ(answer.status, 400) << answer.summary();
}

// --- what leaks ------------------------------------------------------------------------------------------

TEST(SecretsInLogs, AtTheMostTalkativeSettings) {
  RunningServer server(quick_settings({"log.level=debug", "log.requests=all", "log.format=json"}));
  const Api api = server.api();
  const std::string secret_password = std::string("s3cret-Kettle-Harbour-Lantern-77");
  const std::string email = new_email();
  const Session a = session_of(api.sign_up(email, secret_password));
  const Session b = api.refreshed(a);
  api.login(email, secret_password + "x");
  api.login("unknown@example.com", secret_password);
  api.call("POST", "/login", {.body = R"({"email":"a","password":")" + secret_password});  // broken JSON
  api.call("POST", "/login", {.body = "password=" + secret_password, .content_type = "text/plain"});
  api.call("POST",
           "/login?password=" + secret_password + "&access_token=" + a.access_token);  // in the address
  api.call("GET", "/user?apikey=" + b.refresh_token, {.authorization = b.access_token});
  api.call("GET", "/user", {.authorization = "Bearer " + b.access_token + "x"});
  api.refresh(b.refresh_token + "x");
  api.send("PUT", "/user", b, {{"password", secret_password}, {"current_password", secret_password}});
  api.send("PUT", "/user", b,
           {{"password", secret_password + "-new"}, {"current_password", secret_password}});
  api.post("/signup", {{"email", secret_password}, {"password", kPassword}});
  api.send("POST", "/logout", b);
  ASSERT_EQ(server.stop(), 0);
  const std::string log = server.log() + server.process().out();
  ASSERT_THAT(log, HasSubstr("\"status\":200"));
  const auto signature = [](const std::string& jwt) { return jwt.substr(jwt.rfind('.') + 1); };
  for (const std::string& secret :
       {secret_password, signature(a.access_token), signature(b.access_token), a.refresh_token,
        b.refresh_token, std::string("$argon2id$"), std::string("Bearer ey")}) {
    EXPECT_THAT(log, Not(HasSubstr(secret)));
  }
}

// What a client sends cannot forge a line of the log.
TEST(LogInjection, LineBreaksInValuesStayInTheirLine) {
  RunningServer server(quick_settings({"log.level=debug", "log.requests=all", "log.format=json"}));
  server.api().get("/nowhere%0a%7b%22event%22:%22forged%22%7d");
  server.api().call("GET", "/user", {.headers = {{"User-Agent", "a\tb"}, {"X-Request-Id", "forged"}}});
  ASSERT_EQ(server.stop(), 0);
  const std::string log = server.log();
  std::string_view rest = log;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    boost::system::error_code failed;
    const json::value parsed = json::parse(json::string_view(line.data(), line.size()), failed);
    EXPECT_TRUE(!failed && parsed.is_object()) << line;
  }
  EXPECT_THAT(log, Not(HasSubstr("\"request_id\":\"forged\"")));
}

// The private halves of the keys, and the tokens, are not in the database in the clear.
TEST(StolenDatabase, HoldsNoTokenAndNoPassword) {
  RunningServer server;
  const std::string password = std::string("s3cret-Kettle-Harbour-Lantern-77");
  const Session session = session_of(server.api().sign_up("ada@example.com", password));
  ASSERT_EQ(server.stop(), 0);
  for (const auto& file : std::filesystem::directory_iterator(server.installation().data())) {
    EXPECT_EQ(file.status().permissions() &
                  (std::filesystem::perms::group_all | std::filesystem::perms::others_all),
              std::filesystem::perms::none)
        << file.path();
  }
  const std::string bytes = server.installation().stored_bytes();
  EXPECT_THAT(bytes, HasSubstr("ada@example.com"));
  EXPECT_THAT(bytes, HasSubstr("$argon2id$"));
  for (const std::string& secret : {password, session.refresh_token, session.access_token}) {
    EXPECT_EQ(bytes.find(secret), std::string::npos);
  }
}

}  // namespace
}  // namespace latchkey::e2e
