#include "crypto/jwk_verify.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "crypto/signing_key.h"

namespace latchkey::crypto {
namespace {

std::string member(const std::string& json, const std::string& name) {
  const std::size_t at = json.find("\"" + name + "\":\"");
  if (at == std::string::npos) return {};
  const std::size_t begin = at + name.size() + 4;
  return json.substr(begin, json.find('"', begin) - begin);
}

TEST(JwkVerify, takes_good_signatures_and_no_others) {
  base::SystemRandom random;
  for (const auto& [algorithm, alg] :
       {std::pair(SigningAlgorithm::es256, "ES256"), std::pair(SigningAlgorithm::eddsa, "EdDSA")}) {
    const SigningKey key = SigningKey::generate(algorithm, random);
    const std::string members = key.public_jwk_members();
    const PublicJwk jwk{.kty = member(members, "kty"),
                        .crv = member(members, "crv"),
                        .x = member(members, "x"),
                        .y = member(members, "y")};
    std::string signature = key.sign("what was signed");
    EXPECT_EQ(verify_with_jwk(jwk, alg, "what was signed", signature), true) << alg;
    EXPECT_EQ(verify_with_jwk(jwk, alg, "something else", signature), false) << alg;
    signature[5] = static_cast<char>(signature[5] ^ 1);
    EXPECT_EQ(verify_with_jwk(jwk, alg, "what was signed", signature), false) << alg;
    EXPECT_EQ(verify_with_jwk(jwk, alg, "what was signed", "short"), false) << alg;
  }
}

// RFC 7515, appendix A.2.
TEST(JwkVerify, takes_the_example_of_rfc_7515_with_rs256) {
  const PublicJwk jwk{.kty = "RSA",
                      .n = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-"
                           "4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMs"
                           "D1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-"
                           "KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdV"
                           "MTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_"
                           "h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
                      .e = "AQAB"};
  EXPECT_EQ(verify_with_jwk(jwk, "RS256", "anything", std::string(256, 'x')), false);
  EXPECT_EQ(verify_with_jwk(jwk, "ES256", "anything", "x"), std::nullopt);
}

TEST(JwkVerify, knows_no_keys_that_are_none) {
  EXPECT_EQ(verify_with_jwk({}, "RS256", "a", "b"), std::nullopt);
  EXPECT_EQ(verify_with_jwk({.kty = "EC", .crv = "P-256", .x = "AA", .y = "AA"}, "ES256", "a", "b"),
            std::nullopt);
  EXPECT_EQ(verify_with_jwk({.kty = "RSA", .n = "AQAB", .e = "AQAB"}, "none", "a", "b"), std::nullopt);
}

}  // namespace
}  // namespace latchkey::crypto
