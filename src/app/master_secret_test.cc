#include "app/master_secret.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "base/testing/fakes.h"

namespace latchkey::app {
namespace {

class MasterSecret : public ::testing::Test {
 protected:
  MasterSecret() { settings_.data.path = folder_.path(); }
  std::filesystem::path file() const { return folder_.path() / "master.key"; }
  base::Result<crypto::SecretBox> open(bool data_is_new) {
    return open_secret_box(settings_, data_is_new, random_);
  }

  base::testing::TemporaryFolder folder_;
  base::testing::FakeRandom random_;
  config::Settings settings_ = config::default_settings();
};

TEST_F(MasterSecret, IsMadeOnceForItsOwnerOnly) {
  const auto first = open(true);
  ASSERT_TRUE(first);
  struct stat status{};
  ASSERT_EQ(stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  const std::string sealed = first->seal(base::Secret(std::string_view("key")), "context", random_);
  const auto second = open(false);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->open(sealed, "context")->confidential_text(), "key");
}

TEST_F(MasterSecret, IsNotMadeAnewForExistingData) {
  const auto opened = open(false);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message->find("is missing"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(MasterSecret, IsRefusedWhenOthersCanReadIt) {
  ASSERT_TRUE(open(true));
  ASSERT_EQ(chmod(file().c_str(), 0640), 0);
  const auto opened = open(false);
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().message->find("chmod 600"), std::string::npos);
}

TEST_F(MasterSecret, AnEmptyFileIsRefused) {
  std::ofstream(file()) << "# nothing but a comment\n";
  ASSERT_EQ(chmod(file().c_str(), 0600), 0);
  EXPECT_FALSE(open(false));
}

TEST_F(MasterSecret, TheFirstOfAListSealsAndAllOpen) {
  ASSERT_TRUE(open(true));
  std::string old;
  std::getline(std::ifstream(file()), old);
  const std::string sealed = open(false)->seal(base::Secret(std::string_view("key")), "context", random_);
  settings_.keys.master_secret = {base::Secret(std::string(40, 'n')), base::Secret(old)};
  const auto both = open(false);
  ASSERT_TRUE(both);
  EXPECT_TRUE(both->open(sealed, "context"));
  EXPECT_TRUE(both->needs_resealing(sealed, "context"));
  settings_.keys.master_secret = {base::Secret(std::string(40, 'n'))};
  EXPECT_FALSE(open(false)->open(sealed, "context"));
}

}  // namespace
}  // namespace latchkey::app
