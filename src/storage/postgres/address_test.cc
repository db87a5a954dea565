#include "storage/postgres/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace latchkey::storage::postgres {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Address parsed(std::string_view text, std::string_view password = "") {
  auto address = parse_address(text, base::Secret(password));
  EXPECT_TRUE(address) << text;
  return address ? *address : Address{};
}

TEST(PostgresAddress, both_forms_are_taken_apart) {
  for (const char* text :
       {"postgres://ada:s%40lt@db.example:6000/accounts?sslmode=require",
        "host=db.example port=6000 dbname=accounts user=ada password=s@lt sslmode=require"}) {
    const Address address = parsed(text);
    EXPECT_EQ(address.find("host"), "db.example");
    EXPECT_EQ(address.find("port"), "6000");
    EXPECT_EQ(address.find("dbname"), "accounts");
    EXPECT_EQ(address.find("user"), "ada");
    EXPECT_EQ(address.find("sslmode"), "require");
    EXPECT_EQ(address.find("password"), "");
    EXPECT_EQ(address.password.confidential_text(), "s@lt");
  }
}

TEST(PostgresAddress, a_password_apart_replaces_the_one_inside) {
  EXPECT_EQ(parsed("postgres://ada:inside@h/d", "apart").password.confidential_text(), "apart");
  EXPECT_EQ(parsed("postgres://ada@h/d", "apart").password.confidential_text(), "apart");
  EXPECT_TRUE(parsed("postgres://ada@h/d").password.empty());
}

TEST(PostgresAddress, what_cannot_be_read_is_not_repeated) {
  for (const char* text : {"postgres://ada:hunter2%zz@h/d", "host=h password hunter2", "hunter2",
                           "postgres://ada@h/d?hunter2=1", "postgres://ada:hunter2@h:port:d/d"}) {
    const auto address = parse_address(text, {});
    if (address) continue;  // libpq is lenient with some
    EXPECT_EQ(address.error().code, base::ErrorCode::storage_unavailable);
    EXPECT_THAT(address.error().message.value(), HasSubstr("looks like postgres://"));
    EXPECT_THAT(address.error().message.value() + address.error().detail, Not(HasSubstr("hunter2"))) << text;
  }
  EXPECT_FALSE(parse_address("host=h password hunter2", {}));
}

TEST(PostgresAddress, is_described_without_the_password) {
  EXPECT_EQ(describe_target(parsed("postgres://ada:hunter2@db.example:6000/accounts")),
            "database \"accounts\" on db.example port 6000 (user \"ada\")");
  EXPECT_EQ(describe_target(parsed("dbname=accounts")), "database \"accounts\" on this machine");
}

TEST(PostgresAddress, defaults_fill_gaps_only) {
  Address address = parsed("postgres://h/d?connect_timeout=9");
  address.set_default("connect_timeout", "3");
  address.set_default("gssencmode", "disable");
  EXPECT_EQ(address.find("connect_timeout"), "9");
  EXPECT_EQ(address.find("gssencmode"), "disable");
}

}  // namespace
}  // namespace latchkey::storage::postgres
