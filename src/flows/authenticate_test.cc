#include "flows/authenticate.h"

#include <gmock/gmock.h>

#include "flows/manage_sessions.h"
#include "flows/manage_users.h"
#include "flows/own_sessions.h"
#include "flows/sign_out.h"
#include "flows/testing/world.h"

namespace latchkey::flows {
namespace {

using base::ErrorCode;
using testing::code_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::kClient;
using ::testing::SizeIs;

class AuthenticateTest : public testing::World {
 protected:
  base::Result<Authenticated> whoami(const SignedIn& session) {
    return authenticate(env(), session.access.text);
  }
};

TEST_F(AuthenticateTest, FindsUserAndSession) {
  const SignedIn ada = signed_up("ada@example.com");
  for (int i = 0; i < 2; ++i) {  // verified, then remembered
    const auto who = whoami(ada);
    ASSERT_TRUE(who);
    EXPECT_EQ(who->user.id, ada.user.id);
    EXPECT_EQ(who->session.id, ada.session.id);
  }
}

TEST_F(AuthenticateTest, RememberedTokensExpireLikeOthers) {
  const SignedIn ada = signed_up("ada@example.com");
  ASSERT_TRUE(whoami(ada));
  clock_.advance(base::Seconds(3600));
  EXPECT_EQ(code_of(whoami(ada)), ErrorCode::token_expired);
}

TEST_F(AuthenticateTest, EveryEndCountsAtOnce) {
  const SignedIn revoked = signed_up("a@example.com");
  const SignedIn disabled = signed_up("b@example.com");
  const SignedIn deleted = signed_up("c@example.com");
  for (const SignedIn* session : {&revoked, &disabled, &deleted}) ASSERT_TRUE(whoami(*session));
  ASSERT_TRUE(revoke_session(env(), revoked.session.id));
  ASSERT_TRUE(disable_user(env(), disabled.user.id));
  ASSERT_TRUE(delete_user(env(), deleted.user.id));
  for (const SignedIn* session : {&revoked, &disabled, &deleted}) {
    EXPECT_EQ(code_of(whoami(*session)), ErrorCode::session_not_found);
  }
}

TEST_F(AuthenticateTest, RefusesABannedUserWhoseSessionStillLives) {
  const SignedIn ada = signed_up("ada@example.com");
  const auto banned = env().store().transact([&](domain::Tx& tx) -> base::Result<void> {
    domain::User user = *tx.users().find(ada.user.id);
    user.banned_until = clock_.now() + base::Seconds(60);
    return tx.users().update(user);
  });
  ASSERT_TRUE(banned);
  EXPECT_EQ(code_of(whoami(ada)), ErrorCode::user_banned);
  EXPECT_EQ(code_of(try_refresh(ada.refresh_token)), ErrorCode::user_banned);
  clock_.advance(base::Seconds(60));
  EXPECT_TRUE(whoami(ada));
}

TEST_F(AuthenticateTest, OnlyTheCurrentPairsTokenProvesThatItsAnswerArrived) {
  const SignedIn first = signed_up("ada@example.com");
  clock_.advance(base::Seconds(10));
  const SignedIn second = try_refresh(first.refresh_token).value();
  ASSERT_TRUE(whoami(first));  // the old access token says nothing about the new pair
  static_cast<void>(env().store().transact([](domain::Tx&) -> base::Result<void> { return {}; }));
  EXPECT_FALSE(stored(first)->successor_seen);
  ASSERT_TRUE(whoami(second));
  static_cast<void>(env().store().transact([](domain::Tx&) -> base::Result<void> { return {}; }));
  EXPECT_TRUE(stored(first)->successor_seen);
}

TEST_F(AuthenticateTest, TokensOfAnotherInstallationAreRefused) {
  const SignedIn ada = signed_up("ada@example.com");
  auto other = testing::test_settings();
  other.scope.issuer = "https://other.example/auth/v1";
  reopen(other);
  EXPECT_EQ(code_of(whoami(ada)), ErrorCode::bad_jwt);
}

// --- signing out and own sessions -------------------------------------------------------------------------

TEST_F(AuthenticateTest, SignOutScopes) {
  const SignedIn a = signed_up("ada@example.com");
  const SignedIn b = signed_in("ada@example.com");
  const SignedIn c = signed_in("ada@example.com");
  const SignedIn stranger = signed_up("eve@example.com");

  sign_out(env(), whoami(a).value(), SignOutScope::local, kClient);
  EXPECT_FALSE(whoami(a));
  EXPECT_TRUE(whoami(b));
  sign_out(env(), whoami(b).value(), SignOutScope::others, kClient);
  EXPECT_TRUE(whoami(b));
  EXPECT_FALSE(whoami(c));
  const SignedIn d = signed_in("ada@example.com");
  sign_out(env(), whoami(b).value(), SignOutScope::global, kClient);
  EXPECT_FALSE(whoami(b));
  EXPECT_FALSE(whoami(d));
  EXPECT_TRUE(whoami(stranger));
  EXPECT_THAT(events(), Contains("user_signed_out local").Times(1));
  EXPECT_THAT(events(), Contains("user_signed_out others").Times(1));
  EXPECT_THAT(events(), Contains("user_signed_out global").Times(1));
}

TEST_F(AuthenticateTest, OwnSessionsOnly) {
  const SignedIn a = signed_up("ada@example.com");
  clock_.advance(base::Seconds(1));
  const SignedIn b = signed_in("ada@example.com");
  const SignedIn stranger = signed_up("eve@example.com");
  const Authenticated ada = whoami(b).value();

  const auto sessions = own_sessions(env(), ada);
  ASSERT_THAT(sessions, SizeIs(2));
  EXPECT_EQ(sessions[0].id, b.session.id) << "newest first";
  EXPECT_EQ(sessions[1].id, a.session.id);

  EXPECT_EQ(code_of(revoke_own_session(env(), ada, stranger.session.id, kClient)), ErrorCode::not_found);
  EXPECT_EQ(code_of(revoke_own_session(env(), ada, domain::SessionId(), kClient)), ErrorCode::not_found);
  EXPECT_TRUE(whoami(stranger));
  EXPECT_TRUE(revoke_own_session(env(), ada, a.session.id, kClient));
  EXPECT_EQ(code_of(revoke_own_session(env(), ada, a.session.id, kClient)), ErrorCode::not_found);
  EXPECT_FALSE(whoami(a));
  EXPECT_THAT(events(), Contains("session_revoked"));
}

}  // namespace
}  // namespace latchkey::flows
