#include "ratelimit/login_guard.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/testing/fakes.h"

namespace latchkey::ratelimit {
namespace {

using base::Milliseconds;
using base::Seconds;
using base::Timestamp;

const Timestamp kNow = base::from_unix_seconds(1'700'000'000);

class LoginGuardTest : public ::testing::Test {
 protected:
  static void fail_times(LoginGuard& guard, int times, const std::string& account,
                         const std::string& address) {
    for (int i = 0; i < times; ++i) guard.note_failure(account, address, kNow);
  }
  base::testing::FakeRandom random;
};

TEST_F(LoginGuardTest, LocksTheAccountAtItsThresholdFromEveryAddress) {
  LoginGuard guard({}, random);
  for (int i = 0; i < 9; ++i)
    guard.note_failure("email:ada@example.com", "192.0.2." + std::to_string(i), kNow);
  EXPECT_FALSE(guard.is_locked("email:ada@example.com", "198.51.100.1", kNow));
  guard.note_failure("email:ada@example.com", "192.0.2.9", kNow);
  EXPECT_TRUE(guard.is_locked("email:ada@example.com", "198.51.100.1", kNow));
  EXPECT_FALSE(guard.is_locked("email:bob@example.com", "192.0.2.9", kNow));
  EXPECT_FALSE(guard.is_locked("email:ada@example.com", "198.51.100.1", kNow + Seconds(60)));
}

TEST_F(LoginGuardTest, LocksTheAddressAtItsThresholdForEveryAccount) {
  LoginGuard guard({}, random);
  for (int i = 0; i < 50; ++i) guard.note_failure("username:u" + std::to_string(i), "192.0.2.1", kNow);
  EXPECT_TRUE(guard.is_locked("username:somebody", "192.0.2.1", kNow));
  EXPECT_FALSE(guard.is_locked("username:u1", "192.0.2.2", kNow));
}

TEST_F(LoginGuardTest, SuccessWipesTheAccountButOnlyOneFailureOfTheAddress) {
  LoginGuard guard({}, random);
  fail_times(guard, 9, "username:ada", "192.0.2.1");
  guard.note_success("username:ada", "192.0.2.1", kNow);
  fail_times(guard, 9, "username:ada", "192.0.2.2");
  EXPECT_FALSE(guard.is_locked("username:ada", "192.0.2.3", kNow));
  for (int i = 0; i < 41; ++i) guard.note_failure("username:u" + std::to_string(i), "192.0.2.1", kNow);
  EXPECT_FALSE(guard.is_locked("username:x", "192.0.2.1", kNow));
  guard.note_failure("username:y", "192.0.2.1", kNow);
  EXPECT_TRUE(guard.is_locked("username:x", "192.0.2.1", kNow)) << "9 - 1 + 42";
}

TEST_F(LoginGuardTest, SuccessWhileLockedOpensNothing) {
  LoginGuard guard({}, random);
  fail_times(guard, 10, "username:ada", "192.0.2.1");
  guard.note_success("username:ada", "192.0.2.1", kNow + Seconds(1));
  EXPECT_TRUE(guard.is_locked("username:ada", "192.0.2.9", kNow + Seconds(1)));
}

TEST_F(LoginGuardTest, PoliciesChangeWhileItRuns) {
  LoginGuardSettings settings;
  LoginGuard guard(settings, random);
  settings.account.threshold = 2;
  guard.change_settings(settings);
  fail_times(guard, 2, "username:ada", "192.0.2.1");
  EXPECT_TRUE(guard.is_locked("username:ada", "192.0.2.9", kNow));
  settings.account.threshold = 0;
  guard.change_settings(settings);
  EXPECT_TRUE(guard.is_locked("username:ada", "192.0.2.9", kNow)) << "a lock that runs keeps its end";
  fail_times(guard, 30, "username:bob", "192.0.2.1");
  EXPECT_FALSE(guard.is_locked("username:bob", "192.0.2.9", kNow));
}

TEST_F(LoginGuardTest, MemoryIsBoundedAndStated) {
  EXPECT_EQ(LoginGuard({}, random).max_bytes(), 2U * 65536 * 32);
  LoginGuardSettings settings;
  settings.max_subjects = 100;
  EXPECT_EQ(LoginGuard(settings, random).max_bytes(), 2U * 104 * 32);
}

// A million guesses at made-up accounts from a million addresses do not open a lock.
TEST_F(LoginGuardTest, lockout_dodged_by_flooding_the_table) {
  LoginGuardSettings settings;
  settings.max_subjects = 1024;
  LoginGuard guard(settings, random);
  fail_times(guard, 10, "username:victim", "192.0.2.1");
  for (int i = 0; i < 1'000'000; ++i) {
    guard.note_failure("username:" + std::to_string(i), "address" + std::to_string(i), kNow);
  }
  EXPECT_TRUE(guard.is_locked("username:victim", "198.51.100.1", kNow));
}

TEST_F(LoginGuardTest, ForgottenSubjectsMakeRoomBeforeFreshOnes) {
  LoginGuardSettings settings;
  settings.max_subjects = 8;  // one row
  LoginGuard guard(settings, random);
  const auto fail_at = [&](const std::string& account, int times, Timestamp at) {
    for (int i = 0; i < times; ++i) guard.note_failure(account, account, at);
  };
  const Timestamp later = kNow + settings.account.forget_after;
  fail_at("old", 9, kNow);  // has more failures, but they are forgotten by then
  for (int i = 0; i < 7; ++i) fail_at("fresh" + std::to_string(i), 9, later);
  fail_at("new", 1, later);
  for (int i = 0; i < 7; ++i) {
    fail_at("fresh" + std::to_string(i), 1, later);
    EXPECT_TRUE(guard.is_locked("fresh" + std::to_string(i), "elsewhere", later)) << i;
  }
}

TEST_F(LoginGuardTest, IsThreadSafe) {
  LoginGuard guard({}, random);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 2000; ++i) {
          const std::string account = "username:" + std::to_string(i % 50);
          const std::string address = "address" + std::to_string(t);
          if (!guard.is_locked(account, address, kNow)) guard.note_failure(account, address, kNow);
          guard.note_success("username:other", address, kNow);
          if (i % 500 == 0) guard.change_settings({});
        }
      });
    }
  }
  EXPECT_TRUE(guard.is_locked("username:7", "elsewhere", kNow));
}

}  // namespace
}  // namespace latchkey::ratelimit
