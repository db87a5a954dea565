#include "domain/refresh_token.h"

#include <gtest/gtest.h>

#include <set>

#include "base/testing/fakes.h"
#include "crypto/base64url.h"

namespace latchkey::domain {
namespace {

using base::ErrorCode;

const SessionId kSession = *SessionId::parse("0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");

RefreshTokenCodec make_codec(char fill = 'k') {
  return RefreshTokenCodec(base::Secret(std::string(32, fill)));
}

TEST(RefreshToken, ReadsBackWhatItMade) {
  const RefreshTokenCodec codec = make_codec();
  base::testing::FakeRandom random;
  for (const std::uint32_t counter : {0U, 1U, 255U, 256U, 65536U, 0x01020304U, 0xFFFFFFFFU}) {
    const auto id = SessionId::make(base::from_unix_seconds(1'700'000'000), random);
    const std::string token = codec.make({id, counter});
    const auto claims = codec.parse(token);
    ASSERT_TRUE(claims);
    EXPECT_EQ(claims->session_id, id);
    EXPECT_EQ(claims->counter, counter);
    EXPECT_EQ(codec.make(*claims), token);
  }
}

TEST(RefreshToken, FormIsStable) {  // tokens outlive a release
  EXPECT_EQ(make_codec().make({kSession, 7}),
            "lk_rt_AQGQobLD1H5fipsMHS4_SlsAAAAHz9FbMHF2g7K4LffHPJdHfJ8BO6jGD-q5pOPhv4vQlwU");
}

TEST(RefreshToken, DiffersByCounterSessionAndKey) {
  std::set<std::string> seen;
  for (std::uint32_t counter = 0; counter < 100; ++counter)
    seen.insert(make_codec().make({kSession, counter}));
  seen.insert(make_codec().make({SessionId(), 0}));
  seen.insert(make_codec('x').make({kSession, 0}));
  EXPECT_EQ(seen.size(), 102U);
  EXPECT_FALSE(make_codec('x').parse(make_codec().make({kSession, 0})));
}

void expect_refused(const std::string& token) {
  const auto claims = make_codec().parse(token);
  ASSERT_FALSE(claims) << token;
  EXPECT_EQ(claims.error().code, ErrorCode::refresh_token_not_found);
}

// Zitadel GHSA-6mq3-xmgp-pjm5: opaque tokens that were cut, prolonged or changed.
TEST(OpaqueTokenDamage, EveryBitCounts) {
  const std::string token = make_codec().make({kSession, 7});
  for (std::size_t i = 0; i < token.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = token;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      expect_refused(changed);
    }
  }
  std::string bytes = *crypto::base64url_decode(token.substr(6));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = bytes;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      expect_refused("lk_rt_" + crypto::base64url_encode(changed));
    }
  }
}

TEST(OpaqueTokenDamage, EveryLengthCounts) {
  const std::string token = make_codec().make({kSession, 7});
  for (std::size_t size = 0; size < token.size(); ++size) expect_refused(token.substr(0, size));
  for (const std::string tail : {"A", "AA", "AAAA", "=", " ", "\n", ".x"}) expect_refused(token + tail);
  expect_refused(token + std::string(1, '\0'));
  expect_refused(" " + token);
  expect_refused(token.substr(6));
  expect_refused("LK_RT_" + token.substr(6));
  expect_refused(std::string(1'000'000, 'A'));
  const std::string bytes = *crypto::base64url_decode(token.substr(6));
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    expect_refused("lk_rt_" + crypto::base64url_encode(bytes.substr(0, size)));
  }
}

}  // namespace
}  // namespace latchkey::domain
