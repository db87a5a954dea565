#include "domain/password_policy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "base/clock.h"

namespace latchkey::domain {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string> kNoWords;

// The reasons why a password is refused; empty for a good one.
std::vector<std::string> reasons(const std::string& password,
                                 const std::vector<std::string>& words = kNoWords,
                                 const PasswordPolicy& policy = {}) {
  const auto checked = check_password(base::Secret(password), words, policy);
  if (checked) return {};
  EXPECT_EQ(checked.error().code, base::ErrorCode::weak_password);
  EXPECT_FALSE(checked.error().reasons.empty());
  EXPECT_TRUE(checked.error().message && !checked.error().message->empty());
  EXPECT_TRUE(checked.error().detail.empty());
  return checked.error().reasons;
}

TEST(PasswordPolicy, AcceptsGoodOnesOfEveryKind) {
  const std::string hex = "3f1b0c9e7d5a2864f0e1d2c3b4a5968778695a4b3c2d1e0f9a8b7c6d5e4f3021b7a6c5d4";
  for (const std::string& good :
       {std::string("violet-harbour-41-kettle"), std::string("another-lantern-52-river"),
        std::string("correct-horse-battery"), std::string("quote \" and \\ back \u00e9\U0001F511 12"),
        std::string("tab\tand\nnewline 93 kettle"), std::string("Ünïcödé-Straße-ключ-77"),
        std::string(" leading and trailing 88 "), hex + "first-tail",
        std::string("nul\0in the middle 27", 20), std::string("xK9#qT2!mZ"), hex + std::string(900, 'x')}) {
    EXPECT_THAT(reasons(good, {"ada@example.com", "ada", "example.com"}), IsEmpty()) << good;
  }
}

TEST(PasswordPolicy, RefusesGuessableOnes) {
  for (const char* bad :
       {"password", "Passw0rd", "12345678", "qwertyuiop", "aaaaaaaaaaaa", "iloveyou1", "abcdefgh",
        "sommer2024", "latchkey1", "FlutterFlow1", "pässwörd", "пароль12", "ééééééééé", "20031987"}) {
    EXPECT_THAT(reasons(bad), ElementsAre("guessable")) << bad;
  }
  EXPECT_THAT(reasons(std::string(1000, 'k')), ElementsAre("guessable"));
  EXPECT_THAT(reasons(std::string(16, '\0')), ElementsAre("guessable"));
}

TEST(PasswordPolicy, LengthCountsBytesAtBothEnds) {
  PasswordPolicy policy;
  policy.min_score = 0;
  EXPECT_THAT(reasons("1234567", {}, policy), ElementsAre("length"));
  EXPECT_THAT(reasons("12345678", {}, policy), IsEmpty());
  EXPECT_THAT(reasons("éééé", {}, policy), IsEmpty());
  EXPECT_THAT(reasons(std::string(1024, 'k'), {}, policy), IsEmpty());
  EXPECT_THAT(reasons(std::string(1025, 'k'), {}, policy), ElementsAre("too_long"));
  policy.min_length = 0;
  EXPECT_THAT(reasons("", {}, policy), ElementsAre("length")) << "never none at all";
  EXPECT_THAT(reasons("1", {}, policy), IsEmpty());
}

TEST(PasswordPolicy, TellsAllReasonsAtOnce) {
  EXPECT_THAT(reasons(""), ElementsAre("length", "guessable"));
  EXPECT_THAT(reasons(std::string(5000, 'k')), ElementsAre("too_long", "guessable"));
  EXPECT_THAT(reasons("love\xFF", {"love"}), ElementsAre("length", "characters", "guessable"));
  EXPECT_THAT(reasons("lovela", {"lovela"}), ElementsAre("length", "guessable", "personal"));
}

TEST(PasswordPolicy, MessageSaysWhatToChange) {
  const auto checked = check_password(base::Secret(std::string("abc")), kNoWords, {});
  ASSERT_FALSE(checked);
  EXPECT_TRUE(checked.error().message->contains("at least 8 characters"));
  EXPECT_TRUE(checked.error().message->contains("guess"));
  EXPECT_FALSE(checked.error().message->contains("abc"));
}

TEST(PasswordPolicy, OwnWordsDoNotCount) {
  const std::vector<std::string> words = {"ada.lovelace@example.com", "ada.lovelace", "Countess"};
  EXPECT_THAT(reasons("Ada.Lovelace@Example.com", words), ElementsAre("guessable", "personal"));
  EXPECT_THAT(reasons("lovelace", words), ElementsAre("guessable")) << "a part of an own word";
  EXPECT_THAT(reasons("cOUNTESS-violet-harbour-41", words), ElementsAre("personal"));
  EXPECT_THAT(reasons("ada-violet-harbour-41", {"ada"}), IsEmpty()) << "too short to be telling";
  EXPECT_THAT(reasons("Zoë.Müller", {"ZOË.MÜLLER"}), Contains("personal"));
  EXPECT_THAT(reasons("violet-harbour-41-kettle", {"", "    ", "-", "\xFF"}), IsEmpty());
}

TEST(PasswordPolicy, ScoreIsTheOperatorsChoice) {
  PasswordPolicy policy;
  policy.min_score = 0;
  EXPECT_THAT(reasons("password", {}, policy), IsEmpty());
  policy.min_score = 4;
  EXPECT_THAT(reasons("Tr0ub4dour&3", {}, policy), ElementsAre("guessable"));
  EXPECT_THAT(reasons("violet-harbour-41-kettle", {}, policy), IsEmpty());
}

// Only a prefix is scored, but nothing is cut: what follows still has to be there.
TEST(PasswordPolicy, HostileInputCostsLittle) {
  std::vector<std::string> words;
  for (int i = 0; i < 1000; ++i) words.push_back(std::string(300, 'a') + std::to_string(i));
  const base::SystemClock clock;
  for (const std::string& hostile :
       {std::string(1'000'000, '1'), std::string(1024, '1'), std::string(1'000'000, '\xFF')}) {
    const auto start = clock.steady_now();
    EXPECT_FALSE(check_password(base::Secret(hostile), words, {}));
    EXPECT_LT(clock.steady_now() - start, std::chrono::seconds(1));
  }
}

TEST(PasswordPolicy, IsThreadSafe) {
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_THAT(reasons("violet-harbour-41-kettle", {"ada"}), IsEmpty());
        EXPECT_THAT(reasons("password", {"ada"}), ElementsAre("guessable"));
      }
    });
  }
}

}  // namespace
}  // namespace latchkey::domain
