#include "crypto/secret_box.h"

#include <gtest/gtest.h>

#include "base/testing/fakes.h"

namespace latchkey::crypto {
namespace {

using base::Secret;

const std::string kOld(32, 'o');
const std::string kNew(40, 'n');

SecretBox box(std::initializer_list<std::string_view> secrets) {
  std::vector<Secret> list;
  for (const auto text : secrets) list.emplace_back(text);
  return SecretBox::make(std::move(list)).value();
}

class SecretBoxTest : public ::testing::Test {
 protected:
  base::testing::FakeRandom random_;
  const Secret plain_{std::string_view("the private key")};
};

TEST_F(SecretBoxTest, opens_what_it_sealed) {
  const SecretBox b = box({kNew});
  EXPECT_EQ(b.open(b.seal(plain_, "kid-1", random_), "kid-1").value().confidential_text(),
            plain_.confidential_text());
  EXPECT_EQ(b.open(b.seal(Secret(), "", random_), "").value().size(), 0u);
}

TEST_F(SecretBoxTest, sealing_twice_differs_and_hides_the_text) {
  const SecretBox b = box({kNew});
  const std::string one = b.seal(plain_, "c", random_);
  EXPECT_NE(one, b.seal(plain_, "c", random_));
  EXPECT_EQ(one.find("private"), one.npos);
}

TEST_F(SecretBoxTest, opens_for_its_own_context_only) {
  const SecretBox b = box({kNew});
  const std::string sealed = b.seal(plain_, "kid-1", random_);
  const auto opened = b.open(sealed, "kid-2");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, base::ErrorCode::internal_error);
}

TEST_F(SecretBoxTest, refuses_any_change_of_one_byte_and_any_cut) {
  const SecretBox b = box({kNew});
  const std::string sealed = b.seal(plain_, "c", random_);
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] ^= 1;
    EXPECT_FALSE(b.open(changed, "c")) << i;
    EXPECT_FALSE(b.open(sealed.substr(0, i), "c")) << i;
  }
  EXPECT_FALSE(b.open(sealed + '\0', "c"));
}

TEST_F(SecretBoxTest, the_master_secret_can_be_changed) {
  const std::string sealed = box({kOld}).seal(plain_, "c", random_);
  const SecretBox both = box({kNew, kOld});
  EXPECT_EQ(both.open(sealed, "c").value().confidential_text(), plain_.confidential_text());
  EXPECT_TRUE(both.needs_resealing(sealed, "c"));
  const std::string anew = both.seal(plain_, "c", random_);
  EXPECT_FALSE(both.needs_resealing(anew, "c"));
  EXPECT_TRUE(box({kNew}).open(anew, "c"));
  EXPECT_FALSE(box({kNew}).open(sealed, "c"));
  EXPECT_FALSE(box({kNew}).needs_resealing(sealed, "c"));
}

TEST_F(SecretBoxTest, needs_a_secret_and_each_long_enough) {
  EXPECT_EQ(SecretBox::make({}).error().code, base::ErrorCode::validation_failed);
  const auto made = SecretBox::make({Secret(std::string_view(kNew)), Secret(std::string(31, 's'))});
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, base::ErrorCode::validation_failed);
  ASSERT_EQ(made.error().fields.size(), 1u);
  EXPECT_NE(made.error().fields[0].message.find("Number 2"), std::string::npos);
  EXPECT_EQ(made.error().fields[0].message.find("sss"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::crypto
