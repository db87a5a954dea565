// Attacks with tokens, each test named after its attack, over the real socket.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "base/random.h"
#include "crypto/base64url.h"
#include "crypto/signing_key.h"
#include "support/api.h"
#include "support/connection.h"
#include "support/expect.h"
#include "support/running_server.h"
#include "support/workers.h"

namespace latchkey::e2e {
namespace {

namespace json = boost::json;
using crypto::SigningAlgorithm;
using crypto::SigningKey;
using ::testing::AnyOf;
using ::testing::SizeIs;

std::string base64url(const json::value& value) { return crypto::base64url_encode(json::serialize(value)); }

json::value with(const json::value& of, std::string_view name, const json::value& value) {
  json::object changed = of.as_object();
  changed[name] = value;
  return changed;
}

// Standard base64 with padding, for PEM.
std::string base64(std::string_view bytes) {
  std::string text = crypto::base64url_encode(bytes);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  text.resize((text.size() + 3) / 4 * 4, '=');
  return text;
}

// The public key in the forms in which servers were tricked into taking it for an HMAC secret.
std::vector<std::string> public_key_as_secret(const json::value& jwk) {
  const auto part = [&](const char* name) {
    return crypto::base64url_decode(std::string_view(jwk.at(name).as_string())).value();
  };
  const std::string point = "\x04" + part("x") + part("y");
  const std::string spki = crypto::base64url_decode("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgA").value() + point;
  const std::string body = base64(spki);
  const std::string pem = "-----BEGIN PUBLIC KEY-----\n" + body.substr(0, 64) + "\n" + body.substr(64) +
                          "\n-----END PUBLIC KEY-----\n";
  return {point, point.substr(1), spki, pem, pem.substr(0, pem.size() - 1), json::serialize(jwk)};
}

class AlgConfusion : public ::testing::Test {
 protected:
  const RunningServer server;
  const Api api = server.api();
  const Session session = api.signed_up(new_email());
  const json::value header = header_of(session.access_token);
  const json::value claims = claims_of(session.access_token);
  const std::string signature = session.access_token.substr(session.access_token.rfind('.') + 1);
  base::SystemRandom random;

  void expect_refused(const std::string& token) {
    SCOPED_TRACE(token.substr(0, 60));
    expect_error(api.get("/user", Session{token, "", "", ""}), "bad_jwt");
  }
  std::string unsigned_part(const json::value& head, const json::value& payload) const {
    return base64url(head) + "." + base64url(payload);
  }
  std::string signed_by(const SigningKey& key, const json::value& head, const json::value& payload) const {
    const std::string text = unsigned_part(head, payload);
    return text + "." + crypto::base64url_encode(key.sign(text));
  }
  json::value jwk() const {
    const json::value keys = api.get("/.well-known/jwks.json").at("keys");
    for (const json::value& key : keys.as_array()) {
      if (key.at("kid") == header.at("kid")) return key;
    }
    throw std::runtime_error("the key is not published");
  }
};

TEST_F(AlgConfusion, None) {
  for (const char* alg : {"none", "None", "NONE", "nOnE", "", "null"}) {
    const std::string text = unsigned_part(with(header, "alg", alg), claims);
    for (const std::string& end : {std::string("."), "." + signature, std::string()})
      expect_refused(text + end);
  }
  json::object without = header.as_object();
  without.erase("alg");
  expect_refused(unsigned_part(without, claims) + "." + signature);
  expect_refused(unsigned_part(with(header, "alg", json::array{"ES256"}), claims) + "." + signature);
}

TEST_F(AlgConfusion, Hs256SignedWithOurPublicKey) {
  for (const std::string& secret : public_key_as_secret(jwk())) {
    const auto key = SigningKey::import_private(SigningAlgorithm::hs256, base::Secret(secret));
    ASSERT_TRUE(key);
    expect_refused(signed_by(*key, with(header, "alg", "HS256"), claims));
    expect_refused(signed_by(*key, header, claims));
  }
}

TEST_F(AlgConfusion, AnotherAlgorithmUnderOurKid) {
  for (const SigningAlgorithm algorithm :
       {SigningAlgorithm::es256, SigningAlgorithm::eddsa, SigningAlgorithm::rs256, SigningAlgorithm::hs256}) {
    const SigningKey own = SigningKey::generate(algorithm, random);
    expect_refused(signed_by(own, with(header, "alg", json::string(crypto::to_string(algorithm))), claims));
    expect_refused(signed_by(own, header, claims));
  }
}

TEST_F(AlgConfusion, ForeignKid) {
  const SigningKey own = SigningKey::generate(SigningAlgorithm::es256, random);
  for (const json::value& kid :
       {json::value("mine"), json::value(""), json::value("../../etc/passwd"), json::value("' OR 1=1 --"),
        json::value(nullptr), json::value(7), json::value(json::array())}) {
    expect_refused(signed_by(own, with(header, "kid", kid), claims));
    expect_refused(unsigned_part(with(header, "kid", kid), claims) + "." + signature);
  }
}

TEST_F(AlgConfusion, KeysThatTheTokenBringsAlong) {
  const SigningKey own = SigningKey::generate(SigningAlgorithm::es256, random);
  const json::value own_jwk = json::parse(own.public_jwk_members());
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, json::value>>{{"jwk", own_jwk},
                                                        {"jku", "http://127.0.0.1:1/"},
                                                        {"x5u", "http://127.0.0.1:1/"},
                                                        {"x5c", json::array{"MIIB"}},
                                                        {"crit", json::array{"exp"}},
                                                        {"crit", json::array()}}) {
    expect_refused(signed_by(own, with(header, name, value), claims));
    expect_refused(unsigned_part(with(header, name, value), claims) + "." + signature);
  }
}

TEST_F(AlgConfusion, ChangedClaimsUnderAGoodSignature) {
  const std::string head = session.access_token.substr(0, session.access_token.find('.'));
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, json::value>>{{"sub", "0190d3a1-7c2b-7e55-8f00-2f6f5f1d9c11"},
                                                        {"role", "service_role"},
                                                        {"exp", 4102444800},
                                                        {"aud", "other"},
                                                        {"iss", "http://evil.example"}}) {
    expect_refused(head + "." + base64url(with(claims, name, value)) + "." + signature);
  }
}

// CVE-2022-21449 and its kin: signatures that a careless verifier accepts for everything.
TEST_F(AlgConfusion, SignaturesOfNothing) {
  const std::string text = unsigned_part(header, claims);
  for (const std::string& bytes :
       {std::string(64, '\0'), std::string(64, '\xff'), std::string(), std::string(63, '\1'),
        std::string("\x30\x06\x02\x01\x01\x02\x01\x01", 8)}) {
    expect_refused(text + "." + crypto::base64url_encode(bytes));
  }
}

TEST_F(AlgConfusion, ARememberedTokenLendsNothingToOthers) {
  ASSERT_EQ(api.user(session).status, 200);  // now it is in the cache
  const std::string& token = session.access_token;
  for (const std::string& other : {token + "=", token + ".", token + ".x", token.substr(0, token.size() - 1),
                                   token + "A", token.substr(0, token.rfind('.')), token.substr(1)}) {
    expect_refused(other);
  }
}

// --- refresh tokens --------------------------------------------------------------------------------------

class RefreshAttack : public ::testing::Test {
 protected:
  const RunningServer server;
  const Api api = server.api();
};

TEST_F(RefreshAttack, Replay) {
  const Session a = api.signed_up(new_email());
  const Session b = api.refreshed(a);
  const Session c = api.refreshed(b);
  expect_error(api.refresh(a.refresh_token), "refresh_token_already_used");
  for (const Session* each : {&a, &b, &c}) {
    expect_error(api.refresh(each->refresh_token), "refresh_token_already_used");
    expect_error(api.user(*each), "session_not_found");
  }
}

TEST_F(RefreshAttack, ForkUnderRace) {
  const Session session = api.signed_up(new_email());
  const auto answers = at_once(100, [&](std::size_t) { return api.refresh(session.refresh_token); });
  std::set<std::string> successors;
  std::set<std::string> ends;
  for (const Answer& answer : answers) {
    expect_session(answer);
    successors.insert(answer.text("refresh_token"));
    ends.insert(answer.text("expires_at_iso"));
  }
  EXPECT_THAT(successors, SizeIs(1));
  EXPECT_THAT(ends, SizeIs(1));
  expect_session(api.refresh(*successors.begin()));
}

TEST_F(RefreshAttack, LostAnswerSignsNobodyOut) {
  const Session a = api.signed_up(new_email());
  const Session lost = api.refreshed(a);
  const Session again = api.refreshed(a);
  EXPECT_EQ(again.refresh_token, lost.refresh_token);
  EXPECT_EQ(api.user(again).status, 200);
  EXPECT_NE(api.refreshed(again).refresh_token, lost.refresh_token);
}

TEST_F(RefreshAttack, LogoutInsideTheGrace) {
  const Session a = api.signed_up(new_email());
  const Session b = api.refreshed(a);
  ASSERT_EQ(api.send("POST", "/logout?scope=local", b).status, 204);
  expect_error(api.refresh(a.refresh_token), "refresh_token_not_found");
  expect_error(api.refresh(b.refresh_token), "refresh_token_not_found");
  expect_error(api.user(a), "session_not_found");
}

TEST_F(RefreshAttack, LogoutAndRefreshAtOnce) {
  const auto outcomes = at_once(16, [&](std::size_t i) {
    // Eight sessions, each logged out and refreshed at the same moment.
    static const std::vector<Session> sessions = [this] {
      std::vector<Session> made;
      for (int n = 0; n < 8; ++n) made.push_back(api.signed_up(new_email()));
      return made;
    }();
    const Session& session = sessions[i / 2];
    return i % 2 == 0 ? api.send("POST", "/logout?scope=local", session) : api.refresh(session.refresh_token);
  });
  for (std::size_t i = 1; i < outcomes.size(); i += 2) {
    EXPECT_EQ(outcomes[i - 1].status, 204);
    if (outcomes[i].status != 200) {
      expect_error(outcomes[i], "refresh_token_not_found");
      continue;
    }
    expect_error(api.refresh(outcomes[i].text("refresh_token")), "refresh_token_not_found");
    expect_error(api.user(session_of(outcomes[i])), "session_not_found");
  }
}

// --- damaged tokens --------------------------------------------------------------------------------------

std::string percent_encoded(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text.append({'%', kDigits[byte / 16], kDigits[byte % 16]});
  }
  return text;
}

TEST(DamagedTokens, TruncatedExtendedBitflippedRefreshToken) {
  const RunningServer server;
  const Api api = server.api();
  const std::string token = api.signed_up(new_email()).refresh_token;
  std::vector<std::string> damaged;
  for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
    damaged.push_back(token);
    char& byte = damaged.back()[bit / 8];
    byte = static_cast<char>(byte ^ (1 << bit % 8));
  }
  for (std::size_t length = 1; length < token.size(); ++length) damaged.push_back(token.substr(0, length));
  for (const char* more : {"A", "AA", "=", "==", ".", "lk_rt_"}) damaged.push_back(token + more);
  Connection connection(server.port());
  for (const std::string& each : damaged) {
    connection.send(request_text("POST", "/auth/v1/refresh",
                                 {.body = "refresh_token=" + percent_encoded(each),
                                  .content_type = "application/x-www-form-urlencoded"}));
    const auto answer = connection.read_answer();
    ASSERT_TRUE(answer);
    // What is no text at all is refused before it is taken for a token.
    EXPECT_THAT(answer->code(), AnyOf("refresh_token_not_found", "validation_failed", "bad_json"))
        << answer->summary();
  }
  expect_session(api.refresh(token));
}

TEST(DamagedTokens, TruncatedExtendedBitflippedAccessToken) {
  const RunningServer server;
  const std::string token = server.api().signed_up(new_email()).access_token;
  std::vector<std::string> damaged;
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (const int bit : {0, 1}) {
      damaged.push_back(token);
      damaged.back()[i] = static_cast<char>(token[i] ^ (1 << bit));
    }
    if (i > 0) damaged.push_back(token.substr(0, i));
  }
  Connection connection(server.port());
  for (const std::string& each : damaged) {
    connection.send(request_text("GET", "/auth/v1/user", {.authorization = "Bearer " + each}));
    const auto answer = connection.read_answer();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->code(), "bad_jwt") << each;
  }
}

}  // namespace
}  // namespace latchkey::e2e
