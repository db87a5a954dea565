#include "crypto/jws.h"

#include <gtest/gtest.h>

#include "base/testing/fakes.h"
#include "crypto/base64url.h"

namespace latchkey::crypto {
namespace {

SigningKey new_key(SigningAlgorithm algorithm) {
  base::testing::FakeRandom random;
  return SigningKey::generate(algorithm, random);
}

// A token with that header and some payload and signature.
std::string with_header(std::string_view header) {
  return base64url_encode(header) + "." + base64url_encode("{}") + "." + base64url_encode("signature");
}

bool is_taken(const std::string& compact) {
  const auto parts = jws_parse(compact);
  if (!parts) {
    EXPECT_EQ(parts.error().code, base::ErrorCode::bad_jwt);
  }
  return parts.has_value();
}

TEST(Jws, parses_and_verifies_what_was_encoded) {
  for (const auto algorithm : {SigningAlgorithm::es256, SigningAlgorithm::eddsa, SigningAlgorithm::hs256}) {
    const SigningKey key = new_key(algorithm);
    const std::string compact = jws_encode(key, "key-1", R"({"sub":"u"})");
    const JwsParts parts = jws_parse(compact).value();
    EXPECT_EQ(parts.alg, to_string(algorithm));
    EXPECT_EQ(parts.kid, "key-1");
    EXPECT_EQ(parts.payload, R"({"sub":"u"})");
    EXPECT_TRUE(key.verify(parts.signing_input, parts.signature));
  }
}

TEST(Jws, header_is_exactly_alg_kid_typ) {
  const std::string compact = jws_encode(new_key(SigningAlgorithm::hs256), "a\"b", "{}");
  EXPECT_EQ(base64url_decode(compact.substr(0, compact.find('.'))),
            R"({"alg":"HS256","kid":"a\"b","typ":"JWT"})");
  EXPECT_EQ(jws_parse(compact).value().kid, "a\"b");
}

TEST(Jws, takes_headers_that_differ_in_what_does_not_matter) {
  EXPECT_TRUE(is_taken(with_header(R"({"alg":"ES256","kid":"k"})")));
  EXPECT_TRUE(is_taken(with_header(R"( { "kid" : "k" , "typ":"jwt", "alg" : "none" } )")));
  EXPECT_TRUE(
      is_taken(with_header(R"({"alg":"ES256","kid":"k","typ":"Jwt","x":{"crit":[1,{"alg":2}]},"y":null})")));
  EXPECT_EQ(jws_parse(with_header(R"({"alg":"ES256","kid":"k\u0041","x":{"kid":"other"}})")).value().kid,
            "kA");
}

TEST(Jws, refuses_another_number_of_parts) {
  const std::string good = with_header(R"({"alg":"ES256","kid":"k"})");
  EXPECT_FALSE(is_taken(""));
  EXPECT_FALSE(is_taken("."));
  EXPECT_FALSE(is_taken(".."));
  EXPECT_FALSE(is_taken(good.substr(0, good.rfind('.'))));
  EXPECT_FALSE(is_taken(good + "."));
  EXPECT_FALSE(is_taken(good + ".AAAA"));
}

TEST(Jws, refuses_text_that_is_not_strict_base64url) {
  const std::string good = with_header(R"({"alg":"ES256","kid":"k"})");
  EXPECT_FALSE(is_taken(good + "="));
  EXPECT_FALSE(is_taken(good + "\n"));
  EXPECT_FALSE(is_taken(" " + good));
  EXPECT_FALSE(is_taken("+" + good.substr(1)));
}

TEST(Jws, refuses_headers_without_string_alg_and_kid) {
  for (const auto header :
       {"", "{}", "[]", "null", "1", R"("alg")", R"({"alg":"ES256"})", R"({"kid":"k"})",
        R"({"alg":1,"kid":"k"})", R"({"alg":null,"kid":"k"})", R"({"alg":["ES256"],"kid":"k"})",
        R"({"alg":"ES256","kid":{}})", R"({"alg":"ES256","kid":true})", R"([{"alg":"ES256","kid":"k"}])",
        R"({"x":{"alg":"ES256","kid":"k"}})", R"(["alg","ES256","kid","k"])"}) {
    EXPECT_FALSE(is_taken(with_header(header))) << header;
  }
}

TEST(Jws, refuses_headers_that_are_not_json) {
  for (const auto header :
       {R"({"alg":"ES256","kid":"k")", R"({"alg":"ES256","kid":"k"}x)", R"({"alg":"ES256","kid":"k",})",
        R"({'alg':'ES256','kid':'k'})", "{\"alg\":\"ES256\",\"kid\":\"\xff\"}",
        R"({"alg":"ES256","kid":"k"}{})", R"({"alg":"ES256",/**/"kid":"k"})"}) {
    EXPECT_FALSE(is_taken(with_header(header))) << header;
  }
}

TEST(Jws, refuses_another_typ) {
  for (const auto typ : {R"("JWE")", R"("at+jwt")", R"("")", "1", "null"}) {
    EXPECT_FALSE(is_taken(with_header(R"({"alg":"ES256","kid":"k","typ":)" + std::string(typ) + "}"))) << typ;
  }
}

// Attack: the token brings the key that it is to be checked with, or an extension nobody here understands.
TEST(Jws, refuses_parameters_that_name_a_key_or_are_critical) {
  for (const auto name : {"crit", "jku", "jwk", "x5u", "x5c", "\\u0063rit"}) {
    EXPECT_FALSE(is_taken(with_header(R"({"alg":"ES256","kid":"k",")" + std::string(name) + R"(":[]})")))
        << name;
  }
}

// Attack: two readers of the same token see different headers.
TEST(Jws, refuses_a_name_that_stands_twice) {
  EXPECT_FALSE(is_taken(with_header(R"({"alg":"ES256","alg":"none","kid":"k"})")));
  EXPECT_FALSE(is_taken(with_header(R"({"alg":"ES256","kid":"k","\u0061lg":"none"})")));
  EXPECT_FALSE(is_taken(with_header(R"({"alg":"ES256","kid":"k","x":1,"x":2})")));
}

TEST(Jws, bounds_sizes_and_depth) {
  const auto header = [](std::size_t size) {
    std::string text = R"({"alg":"ES256","kid":"k","x":")";
    return text + std::string(size - text.size() - 2, 'x') + "\"}";
  };
  EXPECT_TRUE(is_taken(with_header(header(1024))));
  EXPECT_FALSE(is_taken(with_header(header(1025))));

  std::string compact = with_header(R"({"alg":"ES256","kid":"k"})");
  compact.append(16 * 1024 - compact.size(), 'A');
  if (!is_taken(compact)) compact.pop_back();  // the last group must not have a single character
  EXPECT_TRUE(is_taken(compact));
  compact.append(4, 'A');
  EXPECT_FALSE(is_taken(compact));

  EXPECT_FALSE(is_taken(
      with_header(R"({"alg":"ES256","kid":"k","x":)" + std::string(100, '[') + std::string(100, ']') + "}")));
}

}  // namespace
}  // namespace latchkey::crypto
