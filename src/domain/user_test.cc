#include "domain/user.h"

#include <gtest/gtest.h>

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
