#include "domain/access_token.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "base/testing/fakes.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"
#include "crypto/jws.h"

namespace latchkey::domain {
namespace {

namespace json = boost::json;
using base::ErrorCode;
using base::Milliseconds;
using base::Seconds;
using base::Timestamp;
using crypto::SigningAlgorithm;

const Timestamp kNow = base::from_unix_ms(1'700'000'000'250);
const SessionPolicy kPolicy;

class AccessTokenTest : public ::testing::Test {
 protected:
  AccessTokenTest() {
    scope.issuer = "https://auth.example/auth/v1";
    scope.environment = "live";
    user.id = UserId::make(kNow, random);
    user.email = *Email::parse("ada@example.com");
    user.app_metadata = base::JsonObjectText::make_trusted(R"({"provider":"email"})");
    user.user_metadata = base::JsonObjectText::make_trusted(R"({"full_name":"Zoë \"Q\" Ångström"})");
    session = make_session(SessionId::make(kNow, random), user.id, kNow, kPolicy);
    session.refresh_counter = 3;
    ring = make_ring(SigningAlgorithm::es256);
  }

  std::shared_ptr<const KeyRing> make_ring(SigningAlgorithm algorithm) {
    return *KeyRing::make(plan_first_keys({}, algorithm, kNow, random, box).upserts, box);
  }
  std::string make(Timestamp issued_at = kNow) const {
    return make_access_token(*ring, scope, user, session, issued_at, kPolicy.access_lifetime).text;
  }
  std::string payload_of(const std::string& token) const { return crypto::jws_parse(token)->payload; }
  // A token with this payload and a good signature.
  std::string sign(const std::string& payload) const {
    return crypto::jws_encode(ring->active().key, ring->active().kid, payload);
  }
  base::Result<AccessClaims> verify(std::string_view token, Timestamp now = kNow) const {
    return verify_access_token(*ring, scope, token, now);
  }
  std::string outcome(std::string_view token, Timestamp now = kNow) const {
    const auto claims = verify(token, now);
    return claims ? "good" : std::string(base::error_info(claims.error().code).name);
  }
  // The payload of a good token, one member changed (or removed, with an empty text).
  std::string with(std::string_view claim, std::string_view value) const {
    json::object object = json::parse(payload_of(make())).as_object();
    if (value.empty()) {
      object.erase(claim);
    } else {
      object[claim] = json::parse(value);
    }
    return sign(json::serialize(object));
  }

  base::testing::FakeRandom random;
  crypto::SecretBox box = *crypto::SecretBox::make({base::Secret(std::string(32, 'a'))});
  TokenScope scope;
  User user;
  Session session;
  std::shared_ptr<const KeyRing> ring;
};

TEST_F(AccessTokenTest, CarriesTheClaimsOfTheContract) {
  const SignedAccessToken token =
      make_access_token(*ring, scope, user, session, kNow, kPolicy.access_lifetime);
  EXPECT_EQ(token.expires_at, base::from_unix_seconds(1'700'003'600));
  EXPECT_EQ(payload_of(token.text),
            R"({"iss":"https://auth.example/auth/v1","sub":")" + user.id.to_string() +
                R"(","aud":"authenticated","exp":1700003600,"iat":1700000000,"jti":")" +
                make_token_id(ring->refresh_mac_key(), session.id, 3, kNow) + R"(","session_id":")" +
                session.id.to_string() +
                R"(","role":"authenticated","email":"ada@example.com","phone":"","aal":"aal1",)"
                R"("amr":[{"method":"password","timestamp":1700000000}],"app_metadata":{"provider":"email"},)"
                R"("user_metadata":{"full_name":"Zoë \"Q\" Ångström"},"is_anonymous":false})");
}

TEST_F(AccessTokenTest, UsernamePhoneAndEnvironmentOnlyWhereTheyAre) {
  user.email.reset();
  user.username = *Username::parse("Ada_L");
  user.phone = *Phone::parse("+49 30 1234567");
  scope.environment = "test";
  const json::value payload = json::parse(payload_of(make()));
  EXPECT_EQ(payload.at("email").as_string(), "");
  EXPECT_EQ(payload.at("username").as_string(), "Ada_L");
  EXPECT_EQ(payload.at("phone").as_string(), "+49301234567");
  EXPECT_EQ(payload.at("env").as_string(), "test");
  EXPECT_EQ(outcome(make()), "good");
}

TEST_F(AccessTokenTest, HostileTextsStayInsideTheirStrings) {
  scope.issuer = "https://a\"},{\"b/\n";
  session.method = "pass\"word";
  const json::value payload = json::parse(payload_of(make()));
  EXPECT_EQ(payload.at("iss").as_string(), scope.issuer);
  EXPECT_EQ(outcome(make()), "good");
}

TEST_F(AccessTokenTest, LargeMetadataStaysOutsideAndTheTokenFitsAHeader) {
  const auto filled = [](std::size_t size) {
    return base::JsonObjectText::make_trusted(R"({"k":")" + std::string(size - 8, 'x') + R"("})");
  };
  user.user_metadata = filled(kMaxTokenMetadataBytes);
  user.app_metadata = filled(kMaxTokenMetadataBytes);
  EXPECT_EQ(json::parse(payload_of(make())).at("user_metadata").as_object().size(), 1U);
  EXPECT_LT(make().size(), 8000U);
  user.user_metadata = filled(kMaxTokenMetadataBytes + 1);
  EXPECT_TRUE(json::parse(payload_of(make())).at("user_metadata").as_object().empty());
  EXPECT_EQ(json::parse(payload_of(make())).at("app_metadata").as_object().size(), 1U);
  EXPECT_EQ(outcome(make()), "good");
}

TEST_F(AccessTokenTest, ReadsBackItsClaims) {
  user.role = *Role::parse("service_role");
  const auto claims = verify(make());
  ASSERT_TRUE(claims) << claims.error().detail;
  EXPECT_EQ(claims->user_id, user.id);
  EXPECT_EQ(claims->session_id, session.id);
  EXPECT_EQ(claims->role, user.role);
  EXPECT_EQ(claims->issued_at, base::from_unix_seconds(1'700'000'000));
  EXPECT_EQ(claims->expires_at, base::from_unix_seconds(1'700'003'600));
  EXPECT_EQ(claims->token_id,
            make_token_id(ring->refresh_mac_key(), session.id, session.refresh_counter, claims->issued_at));
}

TEST_F(AccessTokenTest, TokenIdTellsThePairApart) {
  const base::Secret& key = ring->refresh_mac_key();
  const std::string id = make_token_id(key, session.id, 3, kNow);
  EXPECT_EQ(id.size(), 22U);
  EXPECT_EQ(id, make_token_id(key, session.id, 3, kNow + Milliseconds(700)));
  EXPECT_NE(id, make_token_id(key, session.id, 3, kNow + Milliseconds(1000)));
  EXPECT_NE(id, make_token_id(key, session.id, 2, kNow));
  EXPECT_NE(id, make_token_id(key, SessionId(), 3, kNow));
  EXPECT_NE(id, make_token_id(base::Secret(std::string(32, 'x')), session.id, 3, kNow));
}

TEST_F(AccessTokenTest, NeverOutlivesTheSession) {
  session.expires_at = kNow + Seconds(10);
  const SignedAccessToken token =
      make_access_token(*ring, scope, user, session, kNow, kPolicy.access_lifetime);
  EXPECT_EQ(token.expires_at, base::from_unix_seconds(1'700'000'010));
}

TEST_F(AccessTokenTest, TimesAreCheckedWithSkewButNeverOnExpiry) {
  const std::string token = make();
  const Timestamp expiry = base::from_unix_seconds(1'700'003'600);
  EXPECT_EQ(outcome(token, expiry - Milliseconds(1)), "good");
  EXPECT_EQ(outcome(token, expiry), "token_expired");
  EXPECT_EQ(outcome(token, base::from_unix_seconds(1'699'999'970)), "good");
  EXPECT_EQ(outcome(token, base::from_unix_seconds(1'699'999'970) - Milliseconds(1)), "bad_jwt");
  EXPECT_EQ(outcome(with("nbf", "1700000030")), "good");
  EXPECT_EQ(outcome(with("nbf", "1700000031")), "bad_jwt");
}

TEST_F(AccessTokenTest, ExpiredIsSaidOnlyWhenAllElseIsRight) {
  const Timestamp late = kNow + Seconds(7200);
  EXPECT_EQ(outcome(with("exp", "1700000001"), late), "token_expired");
  EXPECT_EQ(outcome(with("iss", R"("https://other.example")"), late), "bad_jwt");
  EXPECT_EQ(outcome(with("nbf", "1800000000"), late), "bad_jwt");
  std::string damaged = make();
  damaged[damaged.size() - 10] ^= 1;
  EXPECT_EQ(outcome(damaged, late), "bad_jwt");
}

TEST_F(AccessTokenTest, EveryClaimThatIsReadMustBeThereAndOfItsType) {
  for (const char* claim : {"iss", "sub", "aud", "exp", "iat", "jti", "session_id", "role"}) {
    EXPECT_EQ(outcome(with(claim, "")), "bad_jwt") << claim << " missing";
    for (const char* value : {"null", "true", "{}", "[]", "1.5", "-1", "1e400", "99999999999999", R"("")",
                              R"(["authenticated"])", R"("1700003600")", "18446744073709551615"}) {
      if (std::string(claim) == "jti" && value[0] == '"') continue;  // any text may be one
      if (std::string(claim) == "role" && std::string(value) == R"("1700003600")") continue;
      EXPECT_EQ(outcome(with(claim, value)), "bad_jwt") << claim << " " << value;
    }
  }
  EXPECT_EQ(outcome(with("env", R"("test")")), "bad_jwt");
  EXPECT_EQ(outcome(with("env", "null")), "bad_jwt");
  EXPECT_EQ(outcome(with("nbf", R"("1")")), "bad_jwt");
  EXPECT_EQ(outcome(with("role", R"("Admin")")), "bad_jwt");
  EXPECT_EQ(outcome(with("email", "5")), "good") << "not read here";
}

TEST_F(AccessTokenTest, ClaimsThatStandTwiceAreRefused) {
  const std::string payload = payload_of(make());
  EXPECT_EQ(outcome(sign(payload)), "good");
  for (const std::string more :
       {R"("sub":"x",)", R"("role":"admin",)", R"("aal":"aal2",)", R"("\u0073ub":"x",)"}) {
    EXPECT_EQ(outcome(sign("{" + more + payload.substr(1))), "bad_jwt") << more;
  }
  EXPECT_EQ(outcome(sign(R"({"more":{"sub":1,"exp":"x","a":[{"role":2}]},)" + payload.substr(1))), "good")
      << "only the top level is read";
}

TEST_F(AccessTokenTest, PayloadsThatAreNoObjectAreRefused) {
  const std::string payload = payload_of(make());
  for (const std::string& bad :
       {std::string(), std::string("{}"), std::string("[]"), std::string("null"), std::string("5"),
        std::string(R"("x")"), "[" + payload + "]", payload + payload, payload + "x",
        payload.substr(0, payload.size() - 1), "\xEF\xBB\xBF" + payload, std::string(2000, '['),
        R"({"a":)" + std::string(2000, '[')}) {
    EXPECT_EQ(outcome(sign(bad)), "bad_jwt") << bad.substr(0, 40);
  }
}

TEST_F(AccessTokenTest, EveryAlgorithmWorksAndRetiredKeysStillVerify) {
  for (const SigningAlgorithm algorithm :
       {SigningAlgorithm::es256, SigningAlgorithm::eddsa, SigningAlgorithm::hs256}) {
    auto stored = plan_first_keys({}, algorithm, kNow, random, box).upserts;
    ring = *KeyRing::make(stored, box);
    const std::string token = make();
    EXPECT_EQ(outcome(token), "good");
    const KeyRotation plan = plan_rotation(stored, algorithm, kNow, Seconds(3690), random, box);
    for (const StoredKey& key : plan.upserts) {
      std::erase_if(stored, [&](const StoredKey& k) { return k.kid == key.kid; });
      stored.push_back(key);
    }
    ring = *KeyRing::make(stored, box);
    EXPECT_EQ(outcome(token), "good");
    EXPECT_EQ(outcome(make()), "good");
  }
}

TEST_F(AccessTokenTest, TheOtherEnvironmentsTokenIsRefusedWithABetterWord) {
  const TokenScope live = scope;
  const auto live_ring = ring;
  scope.issuer = "https://auth.example/test/auth/v1";
  scope.environment = "test";
  ring = make_ring(SigningAlgorithm::es256);
  const std::string test_token = make();
  EXPECT_EQ(outcome(test_token), "good");

  scope = live;
  ring = live_ring;
  EXPECT_EQ(outcome(test_token), "bad_jwt");
  scope.sibling_issuers = {"https://auth.example/test/auth/v1"};
  EXPECT_EQ(outcome(test_token), "wrong_environment");
  EXPECT_EQ(outcome(test_token, kNow + Seconds(7200)), "wrong_environment");
  EXPECT_EQ(outcome(with("iss", R"("https://auth.example/test/auth/v1")")), "bad_jwt")
      << "our key, their issuer";
  // Even with the same keys in both, one refuses the other's.
  scope.environment = "test";
  EXPECT_EQ(outcome(make()), "good");
  scope.environment = "live";
  EXPECT_EQ(outcome(with("env", R"("test")")), "bad_jwt");
}

// CVE-2015-9235 and its kin: the token chooses how it is to be verified.
TEST_F(AccessTokenTest, alg_confusion) {
  const std::string token = make();
  const std::string payload = crypto::base64url_encode(payload_of(token));
  const RingKey& key = ring->active();
  const auto header = [&](std::string_view alg, std::string_view kid, std::string_view more = "") {
    return crypto::base64url_encode(R"({"alg":")" + std::string(alg) + R"(","kid":")" + std::string(kid) +
                                    R"(","typ":"JWT")" + std::string(more) + "}");
  };
  const std::string signature = token.substr(token.rfind('.') + 1);
  for (const char* alg : {"none", "None", "NONE", "", "es256", "ES384", "RS256", "HS256", "EdDSA"}) {
    for (const std::string& end : {std::string(), signature}) {
      EXPECT_EQ(outcome(header(alg, key.kid) + "." + payload + "." + end), "bad_jwt") << alg;
    }
  }
  // HS256 with what is public of the key as secret.
  std::string pem_like = key.key.public_jwk_members();
  for (const std::string& secret : {pem_like, key.kid, ring->jwks()}) {
    const std::string input = header("HS256", key.kid) + "." + payload;
    const auto mac = crypto::hmac_sha256(std::as_bytes(std::span(secret)), input);
    EXPECT_EQ(outcome(input + "." + crypto::base64url_encode(mac)), "bad_jwt");
  }
  // The other way round: ES256 claimed for an HS256 key.
  const auto hs_ring = make_ring(SigningAlgorithm::hs256);
  const std::string es_for_hs = header("ES256", hs_ring->active().kid) + "." + payload + "." + signature;
  EXPECT_EQ(verify_access_token(*hs_ring, scope, es_for_hs, kNow).error().code, ErrorCode::bad_jwt);
}

TEST_F(AccessTokenTest, foreign_keys) {
  const std::string token = make();
  const std::string payload_text = payload_of(token);
  const auto attacker = crypto::SigningKey::generate(SigningAlgorithm::es256, random);
  const std::string& kid = ring->active().kid;
  EXPECT_EQ(outcome(crypto::jws_encode(attacker, kid, payload_text)), "bad_jwt");
  for (const std::string other : {"", "../../etc/passwd", "x' OR '1'='1", "unknown"}) {
    EXPECT_EQ(outcome(crypto::jws_encode(attacker, other, payload_text)), "bad_jwt");
    EXPECT_EQ(outcome(crypto::jws_encode(ring->active().key, other, payload_text)), "bad_jwt");
  }
  for (const std::string& more :
       {R"(,"jwk":)" + attacker.public_jwk_members(), std::string(R"(,"jku":"https://evil.example/jwks")"),
        std::string(R"(,"x5u":"https://evil.example/")"), std::string(R"(,"x5c":["MII"])"),
        std::string(R"(,"crit":["b64"],"b64":false)")}) {
    const std::string input =
        crypto::base64url_encode(R"({"alg":"ES256","kid":")" + kid + "\"" + more + "}") + "." +
        crypto::base64url_encode(payload_text);
    EXPECT_EQ(outcome(input + "." + crypto::base64url_encode(attacker.sign(input))), "bad_jwt") << more;
    EXPECT_EQ(outcome(input + "." + crypto::base64url_encode(ring->active().key.sign(input))), "bad_jwt")
        << more;
  }
  const std::string next_kid = [&] {
    const std::size_t at = ring->jwks().rfind(R"("kid":")") + 7;
    return ring->jwks().substr(at, ring->jwks().find('"', at) - at);
  }();
  ASSERT_NE(next_kid, kid);
  EXPECT_EQ(outcome(crypto::jws_encode(ring->active().key, next_kid, payload_text)), "bad_jwt")
      << "another key's kid";
}

TEST_F(AccessTokenTest, damaged_tokens) {
  const std::string token = make();
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(outcome(changed), "bad_jwt") << i;
  }
  for (std::size_t size = 0; size < token.size(); ++size)
    EXPECT_EQ(outcome(token.substr(0, size)), "bad_jwt") << size;
  for (const std::string tail : {".", ".x", "A", "=", " ", "\n"}) EXPECT_EQ(outcome(token + tail), "bad_jwt");
  for (const char* text : {"", ".", "..", "...", "x", "abc.def.ghi", "null", "Bearer x"})
    EXPECT_EQ(outcome(text), "bad_jwt");
}

}  // namespace
}  // namespace latchkey::domain
