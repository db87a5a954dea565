#include "ratelimit/token_bucket.h"

#include <gtest/gtest.h>

#include <random>

namespace latchkey::ratelimit {
namespace {

using base::Milliseconds;
using base::Seconds;

const SteadyTime kStart{Seconds(1000)};
const BucketPolicy kPolicy{.capacity = 30, .period = Seconds(60)};

TEST(TokenBucket, GivesItsCapacityAtOnceThenWaits) {
  TokenBucket bucket;
  for (int i = 0; i < 30; ++i) {
    const TokenTaken taken = take_token(bucket, kPolicy, kStart);
    ASSERT_FALSE(taken.wait) << i;
    bucket = taken.bucket;
  }
  const TokenTaken refused = take_token(bucket, kPolicy, kStart);
  EXPECT_EQ(refused.wait, Seconds(2));
  EXPECT_EQ(refused.bucket.full_at, bucket.full_at) << "being refused costs nothing";
  EXPECT_EQ(take_token(bucket, kPolicy, kStart + Milliseconds(500)).wait, Seconds(2)) << "rounded up";
  EXPECT_EQ(take_token(bucket, kPolicy, kStart + Milliseconds(1999)).wait, Seconds(1));
  EXPECT_FALSE(take_token(bucket, kPolicy, kStart + Seconds(2)).wait);
}

TEST(TokenBucket, RefillsEvenlyAndNeverBeyondItsCapacity) {
  TokenBucket bucket;
  for (int i = 0; i < 30; ++i) bucket = take_token(bucket, kPolicy, kStart).bucket;
  const SteadyTime later = kStart + Seconds(10'000);
  int passed = 0;
  while (!take_token(bucket, kPolicy, later).wait) {
    bucket = take_token(bucket, kPolicy, later).bucket;
    ++passed;
  }
  EXPECT_EQ(passed, 30);
}

TEST(TokenBucket, WaitingAsToldIsAlwaysEnough) {
  std::mt19937 engine(3);
  for (int round = 0; round < 500; ++round) {
    const BucketPolicy policy{.capacity = 1 + static_cast<std::uint32_t>(engine() % 1000),
                              .period = Seconds(1 + engine() % 7200)};
    TokenBucket bucket;
    SteadyTime now = kStart;
    for (int i = 0; i < 2000; ++i) {
      const TokenTaken taken = take_token(bucket, policy, now);
      bucket = taken.bucket;
      if (taken.wait) {
        ASSERT_GE(*taken.wait, Seconds(1));
        now += *taken.wait;
        ASSERT_FALSE(take_token(bucket, policy, now).wait);
      }
    }
  }
}

TEST(TokenBucket, NeverGivesMoreThanCapacityPlusRefill) {
  std::mt19937 engine(5);
  TokenBucket bucket;
  SteadyTime now = kStart;
  int passed = 0;
  for (int i = 0; i < 100'000; ++i) {
    now += Milliseconds(engine() % 300);
    const TokenTaken taken = take_token(bucket, kPolicy, now);
    bucket = taken.bucket;
    passed += taken.wait ? 0 : 1;
  }
  const auto refilled = (now - kStart) / Seconds(2);
  EXPECT_LE(passed, 30 + refilled);
  EXPECT_GE(passed, refilled - 1);
}

TEST(TokenBucket, AMoreGenerousPolicyHelpsAtOnce) {
  const BucketPolicy strict{.capacity = 1, .period = Seconds(86400)};
  const TokenBucket empty = take_token({}, strict, kStart).bucket;
  EXPECT_EQ(take_token(empty, strict, kStart).wait, Seconds(86400));
  EXPECT_EQ(take_token(empty, kPolicy, kStart).wait, Seconds(2));
}

TEST(TokenBucket, OddPoliciesStayInBounds) {
  EXPECT_FALSE(take_token({}, {.capacity = 0, .period = Seconds(0)}, kStart).wait);
  const BucketPolicy huge{.capacity = 0xFFFFFFFF, .period = Seconds(1)};
  TokenBucket bucket;
  for (int i = 0; i < 1000; ++i) {
    const TokenTaken taken = take_token(bucket, huge, kStart);
    ASSERT_FALSE(taken.wait);
    bucket = taken.bucket;
  }
}

}  // namespace
}  // namespace latchkey::ratelimit
