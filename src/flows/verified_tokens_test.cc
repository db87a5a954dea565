#include "flows/verified_tokens.h"

#include <gtest/gtest.h>

namespace latchkey::flows {
namespace {

const base::Timestamp kNow = base::from_unix_seconds(1'700'000'000);

domain::AccessClaims claims(std::string id) {
  return {.user_id = {},
          .session_id = {},
          .token_id = std::move(id),
          .role = {},
          .issued_at = kNow,
          .expires_at = kNow + base::Seconds(60)};
}

TEST(VerifiedTokensTest, RemembersUntilExpiry) {
  VerifiedTokens tokens;
  const auto key = VerifiedTokens::key_of("token");
  EXPECT_FALSE(tokens.find(key, kNow));
  tokens.put(key, claims("a"));
  EXPECT_EQ(tokens.find(key, kNow)->token_id, "a");
  EXPECT_FALSE(tokens.find(VerifiedTokens::key_of("tokem"), kNow));
  EXPECT_TRUE(tokens.find(key, kNow + base::Seconds(59)));
  EXPECT_FALSE(tokens.find(key, kNow + base::Seconds(60)));
  tokens.clear();
  EXPECT_FALSE(tokens.find(key, kNow));
}

TEST(VerifiedTokensTest, IsBoundedAndForgetsTheOldest) {
  constexpr std::size_t kCapacity = 160;
  VerifiedTokens tokens(kCapacity);
  for (int i = 0; i < 2000; ++i) tokens.put(VerifiedTokens::key_of(std::to_string(i)), claims("a"));
  std::size_t known = 0;
  for (int i = 0; i < 2000; ++i)
    known += tokens.find(VerifiedTokens::key_of(std::to_string(i)), kNow) ? 1U : 0U;
  EXPECT_GE(known, kCapacity / 2);
  EXPECT_LE(known, kCapacity + 16);
  EXPECT_TRUE(tokens.find(VerifiedTokens::key_of("1999"), kNow));
  EXPECT_FALSE(tokens.find(VerifiedTokens::key_of("0"), kNow));
}

}  // namespace
}  // namespace latchkey::flows
