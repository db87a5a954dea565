#include "domain/user.h"

#include <gtest/gtest.h>

#include "base/testing/fakes.h"

namespace latchkey::domain {
namespace {

TEST(Role, AcceptsSmallWords) {
  EXPECT_EQ(Role().text(), "authenticated");
  for (const char* good : {"authenticated", "service_role", "admin", "a", "tier-2"}) {
    const auto role = Role::parse(good);
    ASSERT_TRUE(role) << good;
    EXPECT_EQ(role->text(), good);
  }
  EXPECT_TRUE(Role::parse(std::string(64, 'r')));
}

TEST(Role, RefusesTheRest) {
  for (const std::string& bad : {std::string(), std::string(65, 'r'), std::string("Admin"),
                                 std::string("a b"), std::string("a\0", 2), std::string("r\xC3\xB6le")}) {
    const auto role = Role::parse(bad);
    ASSERT_FALSE(role) << bad;
    EXPECT_EQ(role.error().code, base::ErrorCode::validation_failed);
    ASSERT_EQ(role.error().fields.size(), 1U);
    EXPECT_EQ(role.error().fields[0].field, "role");
  }
}

TEST(Role, OnlyTwoAreAdministrators) {
  EXPECT_TRUE(Role::parse("admin")->is_admin());
  EXPECT_TRUE(Role::parse("service_role")->is_admin());
  EXPECT_FALSE(Role().is_admin());
  EXPECT_FALSE(Role::parse("administrator")->is_admin());
}

TEST(User, IsMadeWithAnyIdentifierButNotWithoutOne) {
  const base::Timestamp now = base::from_unix_seconds(1'700'000'000);
  base::testing::FakeRandom random;
  const UserId id = UserId::make(now, random);
  const auto by_phone = make_user(id, {}, {}, *Phone::parse("+493012345678"), now);
  ASSERT_TRUE(by_phone);
  EXPECT_EQ(by_phone->id, id);
  EXPECT_EQ(by_phone->created_at, now);
  EXPECT_EQ(by_phone->updated_at, now);
  EXPECT_EQ(by_phone->phone, *Phone::parse("+493012345678"));
  EXPECT_FALSE(by_phone->email || by_phone->username || by_phone->phone_confirmed_at);
  EXPECT_TRUE(make_user(id, *Email::parse("ada@example.com"), {}, {}, now));
  EXPECT_TRUE(make_user(id, {}, *Username::parse("ada"), {}, now));

  const auto nameless = make_user(id, {}, {}, {}, now);
  ASSERT_FALSE(nameless);
  EXPECT_EQ(nameless.error().code, base::ErrorCode::validation_failed);
  ASSERT_EQ(nameless.error().fields.size(), 1U);
  EXPECT_EQ(nameless.error().fields[0].field, "email");
}

TEST(User, IsBannedWhileTheTimeIsAhead) {
  const base::Timestamp now = base::from_unix_seconds(1'700'000'000);
  User user;
  EXPECT_FALSE(user.is_banned(now));
  user.banned_until = now;
  EXPECT_FALSE(user.is_banned(now));
  user.banned_until = now + base::Milliseconds(1);
  EXPECT_TRUE(user.is_banned(now));
  user.banned_until = kBannedForever;
  EXPECT_TRUE(user.is_banned(now));
  EXPECT_EQ(base::to_iso8601(kBannedForever), "9999-12-31T23:59:59Z");
}

}  // namespace
}  // namespace latchkey::domain
