#include "flows/sign_in.h"

#include <gmock/gmock.h>

#include "flows/manage_users.h"
#include "flows/testing/world.h"

namespace latchkey::flows {
namespace {

using base::ErrorCode;
using testing::code_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using testing::kClient;
using testing::kPassword;
using testing::kWrongPassword;
using ::testing::StartsWith;

class SignInTest : public testing::World {
 protected:
  domain::User added(std::string_view address, std::optional<base::Secret> hash) {
    NewUser request;
    request.email = email(address);
    request.password_hash = std::move(hash);
    return add_user(env(), request).value();
  }
  std::string stored_hash(domain::UserId id) {
    return env().store().read([&](const domain::Tx& tx) {
      return std::string(tx.passwords().find_confidential(id)->hash.confidential_text());
    });
  }
};

TEST_F(SignInTest, BeginsASession) {
  const SignedIn up = signed_up("ada@example.com");
  clock_.advance(base::Seconds(100));
  const SignedIn in = signed_in("ADA@example.com");
  EXPECT_EQ(in.user.id, up.user.id);
  EXPECT_NE(in.session.id, up.session.id);
  EXPECT_EQ(in.user.last_sign_in_at, clock_.now());
  EXPECT_TRUE(stored(in)->is_alive(clock_.now()));
  EXPECT_THAT(events(), ElementsAre("user_signed_in", "user_signed_up"));
}

TEST_F(SignInTest, RefusesAlikeAfterTheSameWork) {
  signed_up("ada@example.com");
  added("imported@example.com", std::nullopt);
  signed_up("locked@example.com");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(try_sign_in("locked@example.com", kWrongPassword));

  std::vector<base::Error> errors;
  for (const auto& [who, password] :
       std::vector<std::pair<std::string, base::Secret>>{{"ada@example.com", kWrongPassword},
                                                         {"nobody@example.com", kPassword},
                                                         {"imported@example.com", kPassword},
                                                         {"locked@example.com", kPassword}}) {
    SCOPED_TRACE(who);
    clock_.advance(base::Milliseconds(1));  // events of one moment have no order
    const auto hashes = hasher_.hashes_done();
    const auto events_before = events().size();
    const auto result = try_sign_in(who, password);
    ASSERT_EQ(code_of(result), ErrorCode::invalid_credentials);
    EXPECT_EQ(hasher_.hashes_done(), hashes + 1);
    EXPECT_EQ(events().size(), events_before + 1);
    errors.push_back(result.error());
  }
  for (const base::Error& error : errors) {
    EXPECT_TRUE(!error.message && !error.hint && error.fields.empty() && error.reasons.empty() &&
                !error.retry_after)
        << "only the detail, which stays in the log, may differ";
  }
  const auto all = events();
  EXPECT_THAT(std::vector(all.begin(), all.begin() + 4),
              ElementsAre("login_failed locked", "login_failed no_password", "login_failed unknown",
                          "login_failed wrong_password"));
}

TEST_F(SignInTest, LockOpensByItselfAndSuccessForgets) {
  signed_up("ada@example.com");
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(try_sign_in("ada@example.com", kWrongPassword));
  EXPECT_EQ(code_of(try_sign_in("ada@example.com")), ErrorCode::invalid_credentials);
  clock_.advance(guard_.policy.first_lock);
  signed_in("ada@example.com");
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(try_sign_in("ada@example.com", kWrongPassword));
  signed_in("ada@example.com");
}

TEST_F(SignInTest, AccountsThatDoNotExistAreLockedToo) {
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(try_sign_in("ada@example.com", kWrongPassword));
  signed_up("ada@example.com");
  clock_.advance(base::Milliseconds(1));
  EXPECT_EQ(code_of(try_sign_in("ada@example.com")), ErrorCode::invalid_credentials);
  EXPECT_THAT(events().front(), "login_failed locked");
}

TEST_F(SignInTest, BanIsToldOnlyAfterTheRightPassword) {
  const SignedIn ada = signed_up("ada@example.com");
  ASSERT_TRUE(disable_user(env(), ada.user.id));
  EXPECT_EQ(code_of(try_sign_in("ada@example.com", kWrongPassword)), ErrorCode::invalid_credentials);
  EXPECT_EQ(code_of(try_sign_in("ada@example.com")), ErrorCode::user_banned);
  ASSERT_TRUE(enable_user(env(), ada.user.id));
  signed_in("ada@example.com");
}

// "U*U" by bcrypt at cost 5: a test vector of crypt_blowfish.
TEST_F(SignInTest, ImportedHashIsMadeAnew) {
  const base::Secret password{std::string("U*U")};
  const auto user =
      added("ada@example.com",
            base::Secret(std::string("$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW")));
  ASSERT_TRUE(try_sign_in("ada@example.com", password));
  EXPECT_THAT(stored_hash(user.id), StartsWith("$argon2id$v=19$m=64,t=1,p=1$"));
  EXPECT_THAT(events(), Contains("password_rehashed"));
  const std::string once = stored_hash(user.id);
  ASSERT_TRUE(try_sign_in("ada@example.com", password));
  EXPECT_EQ(stored_hash(user.id), once) << "only when parameters changed";
}

TEST_F(SignInTest, UnreadableStoredHashIsAWrongPassword) {
  const SignedIn ada = signed_up("ada@example.com");
  const auto broken = env().store().transact([&](domain::Tx& tx) -> base::Result<void> {
    tx.passwords().put({ada.user.id,
                        base::Secret(std::string("$argon2id$v=19$m=4294967295,t=9,p=1$AAAA$BBBB")),
                        clock_.now()});
    return {};
  });
  ASSERT_TRUE(broken);
  EXPECT_EQ(code_of(try_sign_in("ada@example.com")), ErrorCode::invalid_credentials);
}

TEST_F(SignInTest, CutsTheUserAgent) {
  signed_up("ada@example.com");
  Client client = kClient;
  client.user_agent = std::string(5000, 'u');
  const auto in = try_sign_in("ada@example.com", kPassword, client);
  EXPECT_EQ(stored(in.value())->user_agent.size(), domain::kMaxUserAgentBytes);
}

}  // namespace
}  // namespace latchkey::flows
