#include "flows/refresh.h"

#include <gmock/gmock.h>

#include <set>
#include <thread>

#include "flows/authenticate.h"
#include "flows/manage_sessions.h"
#include "flows/manage_users.h"
#include "flows/sign_out.h"
#include "flows/testing/world.h"

namespace latchkey::flows {
namespace {

using base::ErrorCode;
using base::Seconds;
using testing::code_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::kClient;
using ::testing::SizeIs;

class RefreshTest : public testing::World {
 protected:
  const domain::SessionPolicy policy = testing::test_settings().sessions;

  SignedIn refreshed(const SignedIn& session) { return try_refresh(session.refresh_token).value(); }
  // Uses the access token, and waits until that is noted.
  void use(const SignedIn& session) {
    ASSERT_TRUE(authenticate(env(), session.access.text));
    static_cast<void>(env().store().transact([](domain::Tx&) -> base::Result<void> { return {}; }));
  }
};

TEST_F(RefreshTest, RotatesAndProlongs) {
  const SignedIn first = signed_up("ada@example.com");
  clock_.advance(Seconds(60));
  const SignedIn second = refreshed(first);
  EXPECT_NE(second.refresh_token, first.refresh_token);
  EXPECT_NE(second.access.text, first.access.text);
  EXPECT_EQ(second.session.id, first.session.id);
  EXPECT_EQ(second.session.expires_at, clock_.now() + policy.idle_lifetime);
  EXPECT_EQ(stored(first)->refresh_counter, 1U);
  EXPECT_EQ(stored(first)->expires_at, second.session.expires_at);
}

TEST_F(RefreshTest, WritesItsSessionRowAndNothingElse) {
  const SignedIn first = signed_up("ada@example.com");
  const auto events_before = events();
  const auto writes = env().store().stats().transactions;
  refreshed(first);
  EXPECT_EQ(env().store().stats().transactions, writes + 1);
  EXPECT_EQ(events(), events_before);
}

TEST_F(RefreshTest, ParallelCallersGetEqualAnswers) {
  const SignedIn first = signed_up("ada@example.com");
  std::mutex mutex;
  std::set<std::string> tokens;
  std::set<base::Timestamp> ends;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&] {
        const auto result = try_refresh(first.refresh_token);
        const std::lock_guard lock(mutex);
        tokens.insert(result ? result->refresh_token
                             : std::string(base::error_info(result.error().code).name));
        if (result) ends.insert(result->access.expires_at);
      });
    }
  }
  EXPECT_THAT(tokens, SizeIs(1));
  EXPECT_THAT(ends, SizeIs(1));
  EXPECT_EQ(stored(first)->refresh_counter, 1U);
}

TEST_F(RefreshTest, WithinTheGraceTheSameSuccessorAgain) {
  const SignedIn first = signed_up("ada@example.com");
  const SignedIn second = refreshed(first);
  use(second);  // the answer arrived, but another tab still holds the old token
  clock_.advance(policy.refresh_grace);
  const SignedIn again = refreshed(first);
  EXPECT_EQ(again.refresh_token, second.refresh_token);
  EXPECT_EQ(again.access.expires_at, second.access.expires_at);
}

TEST_F(RefreshTest, LostAnswerAfterTheGraceSignsNobodyOut) {
  const SignedIn first = signed_up("ada@example.com");
  const SignedIn lost = refreshed(first);
  clock_.advance(Seconds(7 * 86400));
  const SignedIn again = refreshed(first);
  EXPECT_EQ(again.refresh_token, lost.refresh_token);
  EXPECT_EQ(again.access.expires_at, clock_.now() + policy.access_lifetime) << "a fresh access token";
  EXPECT_EQ(again.session.expires_at, clock_.now() + policy.idle_lifetime) << "and a session that goes on";
  // Of two tabs that come back at once, the slower one is no thief.
  use(again);
  EXPECT_EQ(refreshed(first).refresh_token, lost.refresh_token);
  EXPECT_NE(refreshed(again).refresh_token, lost.refresh_token);
}

TEST_F(RefreshTest, SuccessorSeenThenReuseOutsideTheGraceEndsTheSession) {
  const SignedIn first = signed_up("ada@example.com");
  const SignedIn second = refreshed(first);
  use(second);
  clock_.advance(policy.refresh_grace + base::Milliseconds(1));
  EXPECT_EQ(code_of(try_refresh(first.refresh_token)), ErrorCode::refresh_token_already_used);
  EXPECT_EQ(stored(first)->ended_by, domain::SessionEnd::refresh_reused);
  EXPECT_THAT(events(), Contains("refresh_token_reused").Times(1));
  EXPECT_EQ(code_of(try_refresh(second.refresh_token)), ErrorCode::refresh_token_already_used);
  EXPECT_EQ(code_of(authenticate(env(), second.access.text)), ErrorCode::session_not_found);
  EXPECT_THAT(events(), Contains("refresh_token_reused").Times(1)) << "told once";
}

TEST_F(RefreshTest, TwoBehindEndsTheSessionEvenWithinTheGrace) {
  const SignedIn first = signed_up("ada@example.com");
  const SignedIn third = refreshed(refreshed(first));
  EXPECT_EQ(code_of(try_refresh(first.refresh_token)), ErrorCode::refresh_token_already_used);
  EXPECT_EQ(code_of(try_refresh(third.refresh_token)), ErrorCode::refresh_token_already_used);
}

TEST_F(RefreshTest, LogoutEndsTheGrace) {
  const SignedIn first = signed_up("ada@example.com");
  const SignedIn second = refreshed(first);
  sign_out(env(), authenticate(env(), second.access.text).value(), SignOutScope::local, kClient);
  EXPECT_EQ(code_of(try_refresh(first.refresh_token)), ErrorCode::refresh_token_not_found);
  EXPECT_EQ(code_of(try_refresh(second.refresh_token)), ErrorCode::refresh_token_not_found);
}

TEST_F(RefreshTest, LogoutAndRefreshAtOnceLeaveNoLiveSession) {
  for (int round = 0; round < 20; ++round) {
    const SignedIn first = signed_up("ada" + std::to_string(round) + "@example.com");
    const Authenticated who = authenticate(env(), first.access.text).value();
    base::Result<SignedIn> raced = base::fail(ErrorCode::internal_error);
    {
      const std::jthread refreshing([&] { raced = try_refresh(first.refresh_token); });
      sign_out(env(), who, SignOutScope::local, kClient);
    }
    const std::string newest = raced ? raced->refresh_token : first.refresh_token;
    EXPECT_EQ(code_of(try_refresh(newest)), ErrorCode::refresh_token_not_found);
  }
}

TEST_F(RefreshTest, EndsOfLife) {
  const SignedIn idle = signed_up("ada@example.com");
  clock_.advance(policy.idle_lifetime);
  EXPECT_EQ(code_of(try_refresh(idle.refresh_token)), ErrorCode::session_expired);

  SignedIn busy = signed_up("bob@example.com");
  const base::Timestamp absolute_end = clock_.now() + policy.absolute_lifetime;
  while (clock_.now() + Seconds(20 * 86400) < absolute_end) {
    clock_.advance(Seconds(20 * 86400));
    busy = refreshed(busy);
    EXPECT_EQ(busy.session.expires_at, std::min(clock_.now() + policy.idle_lifetime, absolute_end));
  }
  clock_.advance(absolute_end - clock_.now() - Seconds(10));
  busy = refreshed(busy);
  EXPECT_EQ(busy.access.expires_at, absolute_end) << "no access token outlives its session";
  clock_.advance(Seconds(10));
  EXPECT_EQ(code_of(try_refresh(busy.refresh_token)), ErrorCode::session_expired);
}

TEST_F(RefreshTest, WhatEndedTheSessionDecidesTheCode) {
  const SignedIn revoked = signed_up("ada@example.com");
  ASSERT_TRUE(revoke_session(env(), revoked.session.id));
  EXPECT_EQ(code_of(try_refresh(revoked.refresh_token)), ErrorCode::session_expired);
  const SignedIn deleted = signed_up("bob@example.com");
  ASSERT_TRUE(delete_user(env(), deleted.user.id));
  EXPECT_EQ(code_of(try_refresh(deleted.refresh_token)), ErrorCode::refresh_token_not_found);
}

TEST_F(RefreshTest, EverySingleBitCounts) {
  const std::string token = signed_up("ada@example.com").refresh_token;
  const auto reads_nothing = env().store().stats().transactions;
  for (std::size_t bit = 0; bit < token.size() * 8; ++bit) {
    std::string damaged = token;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(code_of(try_refresh(damaged)), ErrorCode::refresh_token_not_found) << bit;
  }
  EXPECT_EQ(env().store().stats().transactions, reads_nothing);
  EXPECT_TRUE(try_refresh(token));
}

TEST_F(RefreshTest, LivesOnAfterARestart) {
  const SignedIn first = signed_up("ada@example.com");
  reopen(testing::test_settings());
  EXPECT_TRUE(authenticate(env(), first.access.text));
  EXPECT_TRUE(try_refresh(first.refresh_token));
}

TEST_F(RefreshTest, TokensOfAnotherInstallationAreUnknown) {
  const domain::RefreshTokenCodec foreign(base::Secret(std::string(32, 'f')));
  const SignedIn first = signed_up("ada@example.com");
  EXPECT_EQ(code_of(try_refresh(foreign.make({first.session.id, 0}))), ErrorCode::refresh_token_not_found);
  EXPECT_EQ(code_of(try_refresh(env().keys()->refresh_tokens.make({first.session.id, 7}))),
            ErrorCode::refresh_token_not_found)
      << "a counter that was never issued";
}

}  // namespace
}  // namespace latchkey::flows
