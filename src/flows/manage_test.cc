// What an administrator does: accounts, sessions, keys; and what the server does by itself.
#include <gmock/gmock.h>

#include "flows/authenticate.h"
#include "flows/maintain.h"
#include "flows/manage_keys.h"
#include "flows/manage_sessions.h"
#include "flows/manage_users.h"
#include "flows/testing/world.h"

namespace latchkey::flows {
namespace {

using base::ErrorCode;
using base::Seconds;
using testing::code_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kOtherPassword;
using testing::kPassword;
using ::testing::SizeIs;
using testing::test_settings;

class ManageTest : public testing::World {
 protected:
  bool is_signed_in(const SignedIn& session) { return authenticate(env(), session.access.text).has_value(); }
  NewUser new_user(std::string_view address) {
    NewUser request;
    request.email = email(address);
    return request;
  }
};

TEST_F(ManageTest, AddedUsersAreConfirmed) {
  NewUser request = new_user("ada@example.com");
  request.password = kPassword;
  request.role = domain::Role::parse("service_role").value();
  request.app_metadata = base::JsonObjectText::make_trusted(R"({"plan":"pro"})");
  const auto user = add_user(env(), request);
  ASSERT_TRUE(user);
  EXPECT_EQ(user->email_confirmed_at, clock_.now());
  const SignedIn in = signed_in("ada@example.com");
  EXPECT_EQ(in.user.role.text(), "service_role");
  EXPECT_EQ(in.user.app_metadata.text(), R"({"plan":"pro"})");
  EXPECT_THAT(events(), Contains("user_added"));
}

TEST_F(ManageTest, AddRefuses) {
  EXPECT_EQ(code_of(add_user(env(), {})), ErrorCode::validation_failed);
  NewUser weak = new_user("ada@example.com");
  weak.password = base::Secret(std::string("abc"));
  EXPECT_EQ(code_of(add_user(env(), weak)), ErrorCode::weak_password);
  signed_up("ada@example.com");
  EXPECT_EQ(code_of(add_user(env(), new_user("ADA@example.com"))), ErrorCode::user_already_exists);
  for (const char* hash : {"plain text", "$argon2id$v=19$m=4294967295,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g",
                           "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "$1$md5$xxxx"}) {
    NewUser request = new_user("eve@example.com");
    request.password_hash = base::Secret(std::string(hash));
    EXPECT_EQ(code_of(add_user(env(), request)), ErrorCode::validation_failed) << hash;
  }
}

TEST_F(ManageTest, FindsByIdAndByEveryIdentifier) {
  const SignedIn ada = signed_up("ada@example.com");
  EXPECT_EQ(get_user(env(), ada.user.id.to_string())->id, ada.user.id);
  EXPECT_EQ(get_user(env(), "ADA@example.com")->id, ada.user.id);
  EXPECT_EQ(code_of(get_user(env(), "nobody@example.com")), ErrorCode::not_found);
  EXPECT_EQ(code_of(get_user(env(), "0190d3a1-7c2b-7e55-8f00-2f6f5f1d9c11")), ErrorCode::not_found);
  EXPECT_EQ(code_of(get_user(env(), "no such thing")), ErrorCode::validation_failed);
}

TEST_F(ManageTest, ListsInPagesOldestFirst) {
  std::vector<domain::UserId> ids;
  for (int i = 0; i < 5; ++i) {
    ids.push_back(signed_up("user" + std::to_string(i) + "@example.com").user.id);
    clock_.advance(Seconds(1));
  }
  std::vector<domain::UserId> listed;
  std::optional<domain::UserId> after;
  for (auto page = list_users(env(), {.after = after, .limit = 2}); !page.empty();
       page = list_users(env(), {.after = after, .limit = 2})) {
    for (const auto& user : page) listed.push_back(user.id);
    after = listed.back();
  }
  EXPECT_EQ(listed, ids);
}

TEST_F(ManageTest, DisableEnableDeleteSetPassword) {
  const SignedIn ada = signed_up("ada@example.com");
  const auto id = ada.user.id;
  ASSERT_TRUE(disable_user(env(), id));
  EXPECT_FALSE(is_signed_in(ada));
  EXPECT_EQ(code_of(try_sign_in("ada@example.com")), ErrorCode::user_banned);
  ASSERT_TRUE(enable_user(env(), id));
  const SignedIn again = signed_in("ada@example.com");

  EXPECT_EQ(code_of(set_password(env(), id, base::Secret(std::string("abc")))), ErrorCode::weak_password);
  EXPECT_TRUE(is_signed_in(again));
  ASSERT_TRUE(set_password(env(), id, kOtherPassword));
  EXPECT_FALSE(is_signed_in(again));
  EXPECT_EQ(code_of(try_sign_in("ada@example.com")), ErrorCode::invalid_credentials);
  const SignedIn last = try_sign_in("ada@example.com", kOtherPassword).value();

  ASSERT_TRUE(delete_user(env(), id));
  EXPECT_FALSE(is_signed_in(last));
  EXPECT_EQ(code_of(try_sign_in("ada@example.com", kOtherPassword)), ErrorCode::invalid_credentials);
  for (const auto& gone : {code_of(delete_user(env(), id)), code_of(disable_user(env(), id)),
                           code_of(enable_user(env(), id)), code_of(set_password(env(), id, kPassword))}) {
    EXPECT_EQ(gone, ErrorCode::not_found);
  }
  signed_up("ada@example.com");  // the address is free again
}

TEST_F(ManageTest, RevokesSessions) {
  const SignedIn a = signed_up("ada@example.com");
  const SignedIn b = signed_in("ada@example.com");
  const SignedIn c = signed_in("ada@example.com");
  EXPECT_THAT(list_sessions(env(), a.user.id), SizeIs(3));
  ASSERT_TRUE(revoke_session(env(), a.session.id));
  EXPECT_EQ(code_of(revoke_session(env(), a.session.id)), ErrorCode::not_found);
  EXPECT_FALSE(is_signed_in(a));
  EXPECT_EQ(revoke_all_sessions(env(), b.user.id), 2U);
  EXPECT_EQ(revoke_all_sessions(env(), b.user.id), 0U);
  EXPECT_FALSE(is_signed_in(b) || is_signed_in(c));
  EXPECT_THAT(list_sessions(env(), a.user.id), IsEmpty());
}

// --- keys -------------------------------------------------------------------------------------------------

TEST_F(ManageTest, RotationSignsNobodyOut) {
  const SignedIn before = signed_up("ada@example.com");
  const std::string first = env().keys()->ring->active().kid;
  rotate_keys(env());
  EXPECT_NE(env().keys()->ring->active().kid, first);
  EXPECT_TRUE(is_signed_in(before));
  const SignedIn after = try_refresh(before.refresh_token).value();
  EXPECT_TRUE(is_signed_in(after));
  rotate_keys(env());
  EXPECT_TRUE(is_signed_in(before)) << "two rotations later";
  EXPECT_THAT(events(), Contains("keys_rotated").Times(2));
}

TEST_F(ManageTest, TheNextKeyIsPublishedBeforeItSigns) {
  const std::string published = env().keys()->ring->jwks();
  rotate_keys(env());
  EXPECT_NE(published.find(env().keys()->ring->active().kid), std::string::npos);
}

TEST_F(ManageTest, RetiredKeysGoWhenTheirLastTokenHasExpired) {
  const SignedIn old = signed_up("ada@example.com");
  rotate_keys(env());
  clock_.advance(Seconds(2 * 3600));
  rotate_keys(env());
  EXPECT_THAT(list_keys(env()), SizeIs(4)) << "retired, active, next, and the refresh MAC key";
  EXPECT_TRUE(try_refresh(old.refresh_token));
}

TEST_F(ManageTest, AnotherProcessRotatesAndThisOneTakesItUp) {
  const auto other = open(test_settings());
  ASSERT_TRUE(other);
  const SignedIn before = signed_up("ada@example.com");
  rotate_keys(**other);
  // Not yet reloaded here: the next key was known before, so tokens of the other process verify at once.
  const auto theirs = refresh_in(**other, before.refresh_token);
  ASSERT_TRUE(theirs);
  EXPECT_TRUE(authenticate(env(), theirs->access.text));
  maintain_keys(env());
  EXPECT_EQ(env().keys()->ring->active().kid, (*other)->keys()->ring->active().kid);
  EXPECT_TRUE(is_signed_in(before));
  EXPECT_FALSE(env().reload_keys()) << "nothing changed since";
}

TEST_F(ManageTest, RotatesByAge) {
  const std::string first = env().keys()->ring->active().kid;
  clock_.advance(test_settings().rotate_keys_after - Seconds(1));
  maintain_keys(env());
  EXPECT_EQ(env().keys()->ring->active().kid, first);
  clock_.advance(Seconds(1));
  maintain_keys(env());
  const std::string second = env().keys()->ring->active().kid;
  EXPECT_NE(second, first);
  maintain_keys(env());
  EXPECT_EQ(env().keys()->ring->active().kid, second) << "once";

  auto by_hand = test_settings();
  by_hand.rotate_keys_after = Seconds(0);
  env().change_settings(by_hand);
  clock_.advance(Seconds(3650LL * 86400));
  EXPECT_FALSE(rotate_keys_if_due(env()));
}

TEST_F(ManageTest, ChangeOfAlgorithmSignsNobodyOut) {
  const SignedIn before = signed_up("ada@example.com");
  auto settings = test_settings();
  settings.algorithm = crypto::SigningAlgorithm::eddsa;
  env().change_settings(settings);
  rotate_keys(env());
  EXPECT_EQ(env().keys()->ring->active().key.algorithm(), crypto::SigningAlgorithm::eddsa);
  EXPECT_TRUE(is_signed_in(before));
  EXPECT_TRUE(is_signed_in(try_refresh(before.refresh_token).value()));
}

TEST_F(ManageTest, WrongMasterSecretIsAClearError) {
  const auto opened = open(test_settings(), 'x');
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::internal_error);
  EXPECT_NE(opened.error().message.value_or("").find("master secret"), std::string::npos);
}

// --- what the server does by itself -----------------------------------------------------------------------

TEST_F(ManageTest, PurgesWhatHasServed) {
  const SignedIn ended = signed_up("ada@example.com");
  const SignedIn alive = signed_in("ada@example.com");
  ASSERT_TRUE(revoke_session(env(), ended.session.id));
  EXPECT_EQ(purge_old_rows(env()), 0U);
  clock_.advance(test_settings().keep_ended_sessions_for - Seconds(86400));
  const SignedIn kept = try_refresh(alive.refresh_token).value();
  clock_.advance(Seconds(86400 + 1));
  EXPECT_EQ(purge_old_rows(env()), 1U);
  EXPECT_FALSE(stored(ended));
  EXPECT_TRUE(is_signed_in(try_refresh(kept.refresh_token).value()));
  clock_.advance(test_settings().keep_events_for);
  EXPECT_GT(purge_old_rows(env()), 2U);
  EXPECT_THAT(events(), IsEmpty());
}

}  // namespace
}  // namespace latchkey::flows
