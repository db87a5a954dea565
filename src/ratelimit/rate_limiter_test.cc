#include "ratelimit/rate_limiter.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/testing/fakes.h"

namespace latchkey::ratelimit {
namespace {

using base::Seconds;

const SteadyTime kNow{Seconds(1000)};

RateLimiterSettings make_settings(std::size_t max_subjects = 65536) {
  return {.enabled = true,
          .max_subjects = max_subjects,
          .buckets = {{"login", {.capacity = 5, .period = Seconds(50)}},
                      {"refresh", {.capacity = 2, .period = Seconds(2)}}}};
}

class RateLimiterTest : public ::testing::Test {
 protected:
  // How many of `tries` pass.
  static int count_passed(RateLimiter& limiter, std::string_view bucket, std::string_view subject, int tries,
                          SteadyTime now = kNow) {
    int passed = 0;
    for (int i = 0; i < tries; ++i) passed += limiter.take(bucket, subject, now) ? 0 : 1;
    return passed;
  }
  base::testing::FakeRandom random;
};

TEST_F(RateLimiterTest, CountsEachBucketAndSubjectApart) {
  RateLimiter limiter(make_settings(), random);
  EXPECT_EQ(count_passed(limiter, "login", "192.0.2.1", 10), 5);
  EXPECT_EQ(limiter.take("login", "192.0.2.1", kNow), Seconds(10));
  EXPECT_EQ(count_passed(limiter, "login", "192.0.2.2", 10), 5);
  EXPECT_EQ(count_passed(limiter, "refresh", "192.0.2.1", 10), 2);
  EXPECT_EQ(count_passed(limiter, "login", "192.0.2.1", 10, kNow + Seconds(10)), 1);
}

TEST_F(RateLimiterTest, WhatHasNoPolicyIsNotLimited) {
  RateLimiter limiter(make_settings(), random);
  EXPECT_EQ(count_passed(limiter, "", "192.0.2.1", 1000), 1000);
  EXPECT_EQ(count_passed(limiter, "other", "192.0.2.1", 1000), 1000);
}

TEST_F(RateLimiterTest, ChangesWhileItRuns) {
  RateLimiterSettings settings = make_settings();
  RateLimiter limiter(settings, random);
  EXPECT_EQ(count_passed(limiter, "login", "a", 10), 5);
  settings.enabled = false;
  limiter.change_settings(settings);
  EXPECT_EQ(count_passed(limiter, "login", "a", 10), 10);
  settings.enabled = true;
  limiter.change_settings(settings);
  EXPECT_EQ(count_passed(limiter, "login", "a", 10), 0) << "what was counted stays";
  settings.buckets[0].policy = {.capacity = 100, .period = Seconds(50)};
  limiter.change_settings(settings);
  EXPECT_EQ(count_passed(limiter, "login", "b", 200), 100);
  settings.buckets.clear();
  limiter.change_settings(settings);
  EXPECT_EQ(count_passed(limiter, "login", "b", 200), 200);
}

TEST_F(RateLimiterTest, MemoryIsBoundedAndStated) {
  EXPECT_EQ(RateLimiter(make_settings(65536), random).max_bytes(), 2U * 65536 * 16);
  EXPECT_EQ(RateLimiter(make_settings(1), random).max_bytes(), 2U * 8 * 16);
  RateLimiter small(make_settings(1024), random);
  const std::size_t before = small.max_bytes();
  for (int i = 0; i < 100'000; ++i) small.take("login", std::to_string(i), kNow);
  EXPECT_EQ(small.max_bytes(), before);
}

TEST_F(RateLimiterTest, SubjectsWithinTheBoundAreHardlyEverForgotten) {
  RateLimiter limiter(make_settings(65536), random);
  for (int i = 0; i < 20'000; ++i) count_passed(limiter, "login", std::to_string(i), 5);
  int forgotten = 0;
  for (int i = 0; i < 20'000; ++i) forgotten += limiter.take("login", std::to_string(i), kNow) ? 0 : 1;
  EXPECT_LT(forgotten, 20);
}

// Requests of a million other addresses, one each, do not reset somebody's limit.
TEST_F(RateLimiterTest, limit_dodged_by_flooding_the_table) {
  RateLimiter limiter(make_settings(1024), random);
  EXPECT_EQ(count_passed(limiter, "login", "attacker", 10), 5);
  for (int i = 0; i < 1'000'000; ++i) limiter.take("login", std::to_string(i), kNow);
  EXPECT_EQ(count_passed(limiter, "login", "attacker", 10), 0);
}

// A flood of one kind of request forgets nothing about another, however exhausted its subjects are.
TEST_F(RateLimiterTest, limit_dodged_by_flooding_another_bucket) {
  RateLimiter limiter(make_settings(64), random);
  EXPECT_EQ(count_passed(limiter, "login", "attacker", 10), 5);
  for (int i = 0; i < 10'000; ++i) count_passed(limiter, "refresh", std::to_string(i), 3);
  EXPECT_EQ(count_passed(limiter, "login", "attacker", 10), 0);
}

TEST_F(RateLimiterTest, FullBucketsMakeRoomFirst) {
  RateLimiter limiter(make_settings(8), random);  // one row
  for (int i = 0; i < 7; ++i) count_passed(limiter, "login", "busy" + std::to_string(i), 5);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(limiter.take("login", "idle" + std::to_string(i), kNow));
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(limiter.take("login", "busy" + std::to_string(i), kNow));
}

TEST_F(RateLimiterTest, ExactlyTheCapacityPassesUnderManyThreads) {
  RateLimiterSettings settings = make_settings();
  settings.buckets[0].policy = {.capacity = 1000, .period = Seconds(3600)};
  RateLimiter limiter(settings, random);
  std::atomic<int> passed = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 1000; ++i) {
          passed += limiter.take("login", "one", kNow) ? 0 : 1;
          limiter.take("refresh", std::to_string(i % 100), kNow);
          if (t == 0 && i % 100 == 0) limiter.change_settings(settings);
        }
      });
    }
  }
  EXPECT_EQ(passed, 1000);
}

}  // namespace
}  // namespace latchkey::ratelimit
