#include "flows/sign_up.h"

#include <gmock/gmock.h>

#include <thread>

#include "flows/testing/world.h"

namespace latchkey::flows {
namespace {

using base::ErrorCode;
using testing::code_of;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kPassword;

class SignUpTest : public testing::World {};

TEST_F(SignUpTest, WritesUserPasswordSessionAndEvent) {
  const SignUp request{.email = email(" Ada@Example.com"),
                       .username = *domain::Username::parse("Ada"),
                       .phone = *domain::Phone::parse("+493012345678"),
                       .password = kPassword,
                       .user_metadata = base::JsonObjectText::make_trusted(R"({"a":1})")};
  const SignedIn result = try_sign_up(request).value();
  EXPECT_EQ(result.session.user_id, result.user.id);
  EXPECT_EQ(result.session.ip, "192.0.2.1");
  EXPECT_EQ(result.session.user_agent, "test");

  env().store().read([&](const domain::Tx& tx) {
    const auto user = tx.users().find(result.user.id);
    EXPECT_TRUE(user && user->email == email("ada@example.com") && user->username->shown() == "Ada");
    EXPECT_EQ(user->user_metadata.text(), R"({"a":1})");
    EXPECT_EQ(user->role.text(), "authenticated");
    EXPECT_FALSE(user->email_confirmed_at);
    EXPECT_EQ(user->last_sign_in_at, clock_.now());
    EXPECT_TRUE(tx.passwords().find_confidential(result.user.id));
    EXPECT_TRUE(tx.sessions().find(result.session.id)->is_alive(clock_.now()));
    return 0;
  });
  EXPECT_THAT(events(), ElementsAre("user_signed_up"));
}

TEST_F(SignUpTest, RefusesWhatIsTaken) {
  signed_up("ada@example.com");
  EXPECT_EQ(code_of(try_sign_up("ADA@example.com")), ErrorCode::user_already_exists);
  EXPECT_THAT(events(), ElementsAre("user_signed_up"));
}

TEST_F(SignUpTest, SparesTheHashWhenTheAnswerIsKnownBefore) {
  signed_up("ada@example.com");
  const auto before = hasher_.hashes_done();
  EXPECT_EQ(code_of(try_sign_up("ada@example.com")), ErrorCode::user_already_exists);
  EXPECT_EQ(code_of(try_sign_up("eve@example.com", base::Secret(std::string("abc")))),
            ErrorCode::weak_password);
  EXPECT_EQ(hasher_.hashes_done(), before);
}

TEST_F(SignUpTest, RefusesOwnWordsAsPassword) {
  const auto refused =
      try_sign_up("margarethamilton@example.com", base::Secret(std::string("margarethamilton-1969!")));
  ASSERT_EQ(code_of(refused), ErrorCode::weak_password);
  EXPECT_THAT(refused.error().reasons, Contains("personal"));
}

TEST_F(SignUpTest, NeedsAnIdentifierAndBeingEnabled) {
  EXPECT_EQ(code_of(try_sign_up(
                {.email = {}, .username = {}, .phone = {}, .password = kPassword, .user_metadata = {}})),
            ErrorCode::validation_failed);
  auto settings = testing::test_settings();
  settings.signup_enabled = false;
  env().change_settings(settings);
  EXPECT_EQ(code_of(try_sign_up("ada@example.com")), ErrorCode::signup_disabled);
  EXPECT_THAT(events(), IsEmpty());
}

TEST_F(SignUpTest, OfOneAddressAtOnceMakesOneAccount) {
  std::atomic<int> made{0};
  std::atomic<int> refused{0};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        const auto result = try_sign_up("ada@example.com");
        if (result) ++made;
        if (!result && result.error().code == ErrorCode::user_already_exists) ++refused;
      });
    }
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(refused, 7);
  EXPECT_THAT(events(), ElementsAre("user_signed_up"));
}

}  // namespace
}  // namespace latchkey::flows
