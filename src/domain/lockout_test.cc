#include "domain/lockout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

namespace latchkey::domain {
namespace {

using base::Milliseconds;
using base::Seconds;
using base::Timestamp;

const Timestamp kStart = base::from_unix_seconds(1'700'000'000);
const LockoutPolicy kPolicy;

// `count` failures, each right after the lock before it has passed.
LockoutState fail_times(std::uint32_t count, Timestamp& now, const LockoutPolicy& policy) {
  LockoutState state;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (state.locked_until) now = std::max(now, *state.locked_until);
    state = after_failure(state, now, policy);
  }
  return state;
}

TEST(Lockout, LocksAtTheThreshold) {
  Timestamp now = kStart;
  EXPECT_FALSE(is_locked({}, now));
  const LockoutState nine = fail_times(9, now, kPolicy);
  EXPECT_FALSE(is_locked(nine, now));
  const LockoutState ten = after_failure(nine, now, kPolicy);
  EXPECT_TRUE(is_locked(ten, now));
  EXPECT_TRUE(is_locked(ten, now + Seconds(60) - Milliseconds(1)));
  EXPECT_FALSE(is_locked(ten, now + Seconds(60)));
}

TEST(Lockout, EveryFurtherFailureDoublesUpToTheLongest) {
  Timestamp now = kStart;
  for (const auto& [failures, expected] :
       {std::pair{10U, 60}, {11U, 120}, {12U, 240}, {13U, 480}, {14U, 900}, {15U, 900}, {200U, 900}}) {
    const LockoutState state = fail_times(failures, now, kPolicy);
    EXPECT_EQ(*state.locked_until - now, Seconds(expected)) << failures;
  }
}

TEST(Lockout, AFailureWhileLockedChangesNothing) {
  Timestamp now = kStart;
  const LockoutState locked = fail_times(10, now, kPolicy);
  const LockoutState after = after_failure(locked, now + Seconds(30), kPolicy);
  EXPECT_EQ(after.failures, locked.failures);
  EXPECT_EQ(after.last_failure, locked.last_failure);
  EXPECT_EQ(after.locked_until, locked.locked_until);
}

TEST(Lockout, ASuccessCountsOnlyWhileOpen) {
  Timestamp now = kStart;
  const LockoutState locked = fail_times(10, now, kPolicy);
  EXPECT_TRUE(is_locked(after_success(locked, now + Seconds(30)), now + Seconds(30)));
  EXPECT_EQ(after_success(locked, now + Seconds(60)).failures, 0U);
  EXPECT_EQ(after_success(fail_times(9, now, kPolicy), now).failures, 0U);
}

// One account of one's own must not buy fifty guesses at others.
TEST(LockoutDodge, OwnAccountBetweenGuessesDoesNotWipeTheAddress) {
  const Timestamp now = kStart;
  LockoutState state;
  for (int i = 0; i < 9; ++i) state = after_failure(state, now, kPolicy);
  state = after_shared_success(state, now);
  EXPECT_EQ(state.failures, 8U);
  state = after_failure(after_failure(state, now, kPolicy), now, kPolicy);
  EXPECT_TRUE(is_locked(state, now));
  EXPECT_TRUE(is_locked(after_shared_success(state, now), now));
  EXPECT_EQ(after_shared_success({}, now).failures, 0U);
  LockoutState once;
  once.failures = 1;
  EXPECT_EQ(after_shared_success(once, now).failures, 0U);
}

TEST(Lockout, IsForgottenAfterAQuietDay) {
  Timestamp now = kStart;
  const LockoutState locked = fail_times(12, now, kPolicy);
  const LockoutState soon = after_failure(locked, now + kPolicy.forget_after - Milliseconds(1), kPolicy);
  EXPECT_EQ(soon.failures, 13U);
  const LockoutState late = after_failure(locked, now + kPolicy.forget_after, kPolicy);
  EXPECT_EQ(late.failures, 1U);
  EXPECT_FALSE(late.locked_until);
}

TEST(Lockout, ThresholdZeroNeverLocks) {
  LockoutPolicy policy;
  policy.threshold = 0;
  Timestamp now = kStart;
  EXPECT_FALSE(is_locked(fail_times(1000, now, policy), now));
}

TEST(Lockout, CountsToTheEndWithoutWrapping) {
  LockoutState state;
  state.failures = std::numeric_limits<std::uint32_t>::max();
  state.last_failure = kStart;
  state = after_failure(state, kStart + Seconds(1), kPolicy);
  EXPECT_EQ(state.failures, std::numeric_limits<std::uint32_t>::max());
  EXPECT_EQ(*state.locked_until, kStart + Seconds(1) + kPolicy.longest_lock);
}

}  // namespace
}  // namespace latchkey::domain
