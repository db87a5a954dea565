// Keys that change while others write.
#include "flows/change_keys.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "flows/authenticate.h"
#include "flows/manage_keys.h"
#include "flows/testing/world.h"

namespace latchkey::flows {
namespace {

using ::testing::Contains;
using testing::test_settings;

// Does something when it is asked for bytes, which is in the midst of making a key.
class InterruptedRandom final : public base::Random {
 public:
  explicit InterruptedRandom(base::Random& random) : random_(random) {}
  void interrupt_once(std::function<void()> work) {
    work_ = [this, work = std::move(work)] {
      work_ = nullptr;
      work();
    };
  }
  void interrupt_always(std::function<void()> work) { work_ = std::move(work); }
  int interruptions() const { return interruptions_; }

  void fill(std::span<std::byte> out) override {
    if (const auto work = work_) {
      ++interruptions_;
      work();
    }
    random_.fill(out);
  }

 private:
  base::Random& random_;
  std::function<void()> work_;
  int interruptions_ = 0;
};

class ChangeKeysTest : public testing::World {
 protected:
  // Another process on the same database, which makes its keys with `interrupted_`.
  std::unique_ptr<Environment> open_interrupted(const std::string& file = "test.db",
                                                const EnvironmentSettings& settings = test_settings()) {
    return Environment::open(settings, open_store(file), testing::make_box('m'),
                             {hasher_, guard_, clock_, interrupted_, *log_})
        .value();
  }
  std::unique_ptr<domain::Store> open_store(const std::string& file) {
    return storage::sqlite::open_sqlite_store(
               {.file = folder_.path() / file, .busy_timeout = base::Milliseconds(50)}, clock_, *log_)
        .value();
  }
  // How many keys are in that state, of those that sign.
  std::ptrdiff_t count(domain::KeyState state) {
    return std::ranges::count_if(list_keys(env()), [&](const domain::StoredKey& key) {
      return key.purpose == domain::kPurposeSign && key.state == state;
    });
  }

  InterruptedRandom interrupted_{random_};
};

TEST_F(ChangeKeysTest, OthersWriteWhileAKeyIsMade) {
  const auto other = open_interrupted();
  interrupted_.interrupt_once([&] { signed_up("ada@example.com"); });
  rotate_keys(*other);
  EXPECT_EQ(interrupted_.interruptions(), 1);
  EXPECT_TRUE(try_sign_in("ada@example.com"));
  EXPECT_THAT(events(), Contains("keys_rotated"));
}

TEST_F(ChangeKeysTest, OthersWriteWhileTheFirstKeysAreMade) {
  const auto second = open_store("new.db");
  interrupted_.interrupt_always(
      [&] { EXPECT_TRUE(second->transact([](domain::Tx&) -> base::Result<void> { return {}; })); });
  EXPECT_TRUE(open_interrupted("new.db"));
  EXPECT_GT(interrupted_.interruptions(), 0);
}

TEST_F(ChangeKeysTest, TwoRotationsAtOnceFollowEachOther) {
  const auto other = open_interrupted();
  const SignedIn before = signed_up("ada@example.com");
  SignedIn between = before;
  interrupted_.interrupt_once([&] {
    rotate_keys(env());
    between = signed_in("ada@example.com");
  });
  rotate_keys(*other);
  env().reload_keys();
  EXPECT_EQ(count(domain::KeyState::active), 1);
  EXPECT_EQ(count(domain::KeyState::next), 1);
  EXPECT_EQ(count(domain::KeyState::retired), 2);
  EXPECT_THAT(events(), Contains("keys_rotated").Times(2));
  for (Environment* const process : {&env(), other.get()}) {
    EXPECT_TRUE(authenticate(*process, before.access.text));
    EXPECT_TRUE(authenticate(*process, between.access.text));
  }
}

TEST_F(ChangeKeysTest, OfTwoThatFindTheKeyTooOldOneRotates) {
  const auto other = open_interrupted();
  clock_.advance(test_settings().rotate_keys_after);
  interrupted_.interrupt_once([&] { EXPECT_TRUE(rotate_keys_if_due(env())); });
  EXPECT_FALSE(rotate_keys_if_due(*other));
  EXPECT_THAT(events(), Contains("keys_rotated").Times(1));
  EXPECT_EQ(count(domain::KeyState::retired), 1);
}

TEST_F(ChangeKeysTest, OfTwoThatStartFirstBothTakeTheSameKeys) {
  std::unique_ptr<Environment> first;
  interrupted_.interrupt_once([&] {
    first = Environment::open(test_settings(), open_store("new.db"), testing::make_box('m'),
                              {hasher_, guard_, clock_, random_, *log_})
                .value();
  });
  const auto second = open_interrupted("new.db");
  ASSERT_TRUE(first);
  EXPECT_EQ(second->keys()->ring->fingerprint(), first->keys()->ring->fingerprint());
  EXPECT_EQ(list_keys(*second).size(), 3U) << "active, next, and the refresh MAC key";
}

}  // namespace
}  // namespace latchkey::flows
