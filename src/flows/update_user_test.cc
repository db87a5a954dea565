#include "flows/update_user.h"

#include <gmock/gmock.h>

#include <thread>

#include "flows/testing/world.h"

namespace latchkey::flows {
namespace {

using base::ErrorCode;
using testing::code_of;
using ::testing::Contains;
using testing::kClient;
using testing::kOtherPassword;
using testing::kPassword;
using testing::kWrongPassword;
using ::testing::Not;

base::JsonObjectText object(std::string text) { return base::JsonObjectText::make_trusted(std::move(text)); }

class UpdateUserTest : public testing::World {
 protected:
  base::Result<domain::User> update(const SignedIn& session, const UpdateUser& change) {
    return update_user(env(), authenticate(env(), session.access.text).value(), change, kClient);
  }
  static UpdateUser password(const base::Secret& fresh, std::optional<base::Secret> current) {
    return {.user_metadata = {}, .email = {}, .password = fresh, .current_password = std::move(current)};
  }
  static UpdateUser data(std::string text) {
    return {.user_metadata = object(std::move(text)), .email = {}, .password = {}, .current_password = {}};
  }
};

TEST_F(UpdateUserTest, LaysMetadataOverWhatIsThere) {
  const SignedIn ada = signed_up("ada@example.com");
  const auto hashes = hasher_.hashes_done();
  ASSERT_TRUE(update(ada, data(R"({"a":1,"b":{"x":1}})")));
  const auto changed = update(ada, data(R"({"a":null,"b":{"y":2}})"));
  EXPECT_EQ(changed->user_metadata.text(), R"({"b":{"y":2}})");
  EXPECT_EQ(hasher_.hashes_done(), hashes) << "no password, no hash";
  EXPECT_THAT(events(), Contains("user_updated user_metadata").Times(2));
}

TEST_F(UpdateUserTest, BoundsTheMetadataOfOneAccount) {
  const SignedIn ada = signed_up("ada@example.com");
  const std::string half(domain::kMaxMetadataBytes / 2, 'x');
  ASSERT_TRUE(update(ada, data(R"({"a":")" + half + R"("})")));
  EXPECT_EQ(code_of(update(ada, data(R"({"b":")" + half + R"("})"))), ErrorCode::validation_failed);
}

TEST_F(UpdateUserTest, NewPasswordEndsAllOtherSessions) {
  const SignedIn mine = signed_up("ada@example.com");
  const SignedIn other = signed_in("ada@example.com");
  ASSERT_TRUE(update(mine, password(kOtherPassword, kPassword)));
  EXPECT_TRUE(authenticate(env(), mine.access.text));
  EXPECT_EQ(code_of(authenticate(env(), other.access.text)), ErrorCode::session_not_found);
  EXPECT_EQ(code_of(try_refresh(other.refresh_token)), ErrorCode::session_expired);
  EXPECT_TRUE(try_refresh(mine.refresh_token));
  EXPECT_EQ(code_of(try_sign_in("ada@example.com")), ErrorCode::invalid_credentials);
  EXPECT_TRUE(try_sign_in("ada@example.com", kOtherPassword));
  EXPECT_THAT(events(), Contains("password_changed"));
}

TEST_F(UpdateUserTest, WhatIsRefusedChangesNothing) {
  const SignedIn ada = signed_up("ada@example.com");
  const auto before = events();
  EXPECT_EQ(code_of(update(ada, password(kPassword, kPassword))), ErrorCode::same_password);
  EXPECT_EQ(code_of(update(ada, password(base::Secret(std::string("abc")), kPassword))),
            ErrorCode::weak_password);
  EXPECT_EQ(events(), before);
  EXPECT_EQ(code_of(update(ada, password(kOtherPassword, kWrongPassword))), ErrorCode::invalid_credentials);
  EXPECT_THAT(events(), Contains("login_failed wrong_current_password"));
  EXPECT_TRUE(try_sign_in("ada@example.com"));
}

TEST_F(UpdateUserTest, AnOldSignInNeedsTheCurrentPassword) {
  const SignedIn ada = signed_up("ada@example.com");
  EXPECT_TRUE(update(ada, password(kOtherPassword, std::nullopt))) << "the password was typed a moment ago";
  clock_.advance(kFreshSignIn + base::Seconds(1));
  EXPECT_EQ(code_of(update(ada, password(kPassword, std::nullopt))), ErrorCode::reauthentication_needed);
  EXPECT_EQ(
      code_of(update(
          ada,
          {.user_metadata = {}, .email = email("new@example.com"), .password = {}, .current_password = {}})),
      ErrorCode::reauthentication_needed);
  EXPECT_TRUE(update(ada, data(R"({"a":1})")));
  EXPECT_TRUE(update(ada, password(kPassword, kOtherPassword)));
}

TEST_F(UpdateUserTest, GuessingTheCurrentPasswordLocks) {
  const SignedIn ada = signed_up("ada@example.com");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(code_of(update(ada, password(kOtherPassword, kWrongPassword))), ErrorCode::invalid_credentials);
  }
  EXPECT_EQ(code_of(update(ada, password(kOtherPassword, kPassword))), ErrorCode::invalid_credentials);
  clock_.advance(guard_.policy.first_lock);
  EXPECT_TRUE(update(ada, password(kOtherPassword, kPassword)));
}

TEST_F(UpdateUserTest, NewEmailIsUniqueAndUnconfirmed) {
  signed_up("eve@example.com");
  const SignedIn ada = signed_up("ada@example.com");
  UpdateUser change{
      .user_metadata = {}, .email = email("EVE@example.com"), .password = {}, .current_password = {}};
  EXPECT_EQ(code_of(update(ada, change)), ErrorCode::user_already_exists);
  change.email = email("ada.lovelace@example.com");
  const auto changed = update(ada, change);
  ASSERT_TRUE(changed);
  EXPECT_FALSE(changed->email_confirmed_at);
  EXPECT_EQ(code_of(try_sign_in("ada@example.com")), ErrorCode::invalid_credentials);
  EXPECT_TRUE(try_sign_in("ada.lovelace@example.com"));
  EXPECT_THAT(events(), Contains("user_updated email"));
}

TEST_F(UpdateUserTest, OfTwoPasswordChangesAtOnceOneWins) {
  const SignedIn ada = signed_up("ada@example.com");
  const std::array<base::Secret, 2> wanted{kOtherPassword,
                                           base::Secret(std::string("third-meadow-77-anchor"))};
  std::array<bool, 2> won{};
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < 2; ++i) {
      threads.emplace_back([&, i] { won[i] = update(ada, password(wanted[i], kPassword)).has_value(); });
    }
  }
  EXPECT_EQ(int{won[0]} + int{won[1]}, 1);
  EXPECT_TRUE(try_sign_in("ada@example.com", wanted[won[1]]));
  EXPECT_FALSE(try_sign_in("ada@example.com", wanted[won[0]]));
}

}  // namespace
}  // namespace latchkey::flows
