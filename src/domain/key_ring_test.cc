#include "domain/key_ring.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/testing/fakes.h"
#include "crypto/base64url.h"
#include "crypto/digest.h"

namespace latchkey::domain {
namespace {

using base::Seconds;
using base::Timestamp;
using crypto::SigningAlgorithm;

const Timestamp kNow = base::from_unix_seconds(1'700'000'000);
constexpr Seconds kKeep{3690};

class KeyRingTest : public ::testing::Test {
 protected:
  static crypto::SecretBox make_box(std::initializer_list<char> fills) {
    std::vector<base::Secret> secrets;
    for (const char fill : fills) secrets.emplace_back(std::string(32, fill));
    return *crypto::SecretBox::make(std::move(secrets));
  }
  // What a repository does with a plan.
  static void apply(std::vector<StoredKey>& stored, const KeyRotation& plan) {
    for (const StoredKey& key : plan.upserts) {
      std::erase_if(stored, [&](const StoredKey& k) { return k.kid == key.kid; });
      stored.push_back(key);
    }
    std::erase_if(stored, [&](const StoredKey& k) { return std::ranges::count(plan.deletes, k.kid) > 0; });
  }
  static std::vector<std::string> kids(const std::vector<StoredKey>& stored, KeyState state) {
    std::vector<std::string> out;
    for (const StoredKey& key : stored) {
      if (key.purpose == kPurposeSign && key.state == state) out.push_back(key.kid);
    }
    return out;
  }
  std::vector<StoredKey> make_first(SigningAlgorithm algorithm = SigningAlgorithm::es256) {
    return plan_first_keys({}, algorithm, kNow, random, box).upserts;
  }
  std::shared_ptr<const KeyRing> open(const std::vector<StoredKey>& stored) {
    auto ring = KeyRing::make(stored, box);
    EXPECT_TRUE(ring) << ring.error().detail;
    return ring ? *ring : nullptr;
  }

  base::testing::FakeRandom random;
  crypto::SecretBox box = make_box({'a'});
};

TEST_F(KeyRingTest, FirstStartMakesAnActiveANextAndAMacKey) {
  std::vector<StoredKey> stored = make_first();
  ASSERT_EQ(stored.size(), 3U);
  EXPECT_EQ(kids(stored, KeyState::active).size(), 1U);
  EXPECT_EQ(kids(stored, KeyState::next).size(), 1U);
  const auto ring = open(stored);
  EXPECT_EQ(ring->active().kid, kids(stored, KeyState::active)[0]);
  EXPECT_EQ(ring->refresh_mac_key().size(), 32U);

  const KeyRotation again = plan_first_keys(stored, SigningAlgorithm::es256, kNow, random, box);
  EXPECT_TRUE(again.upserts.empty());
  EXPECT_TRUE(again.deletes.empty());
}

TEST_F(KeyRingTest, FirstKeysFillsInWhatIsMissing) {
  for (std::size_t missing = 0; missing < 3; ++missing) {
    std::vector<StoredKey> stored = make_first();
    stored.erase(stored.begin() + static_cast<std::ptrdiff_t>(missing));
    const KeyRotation plan = plan_first_keys(stored, SigningAlgorithm::es256, kNow, random, box);
    EXPECT_EQ(plan.upserts.size(), 1U);
    apply(stored, plan);
    EXPECT_NE(open(stored), nullptr);
  }
}

TEST_F(KeyRingTest, KidIsTheThumbprintAndJwksShowsEveryPublicKey) {
  for (const SigningAlgorithm algorithm : {SigningAlgorithm::es256, SigningAlgorithm::eddsa}) {
    const std::vector<StoredKey> stored = make_first(algorithm);
    const auto ring = open(stored);
    for (const KeyState state : {KeyState::active, KeyState::next}) {
      const std::string kid = kids(stored, state)[0];
      const RingKey* key = ring->find(kid);
      ASSERT_NE(key, nullptr);
      EXPECT_EQ(kid, crypto::base64url_encode(crypto::sha256(key->key.public_jwk_members())));
      std::string members = key->key.public_jwk_members();
      members.pop_back();
      EXPECT_TRUE(ring->jwks().contains(members + R"(,"alg":")" + std::string(to_string(algorithm)) +
                                        R"(","kid":")" + kid + R"(","use":"sig"})"))
          << ring->jwks();
    }
    EXPECT_TRUE(ring->jwks().starts_with(R"({"keys":[{)"));
    EXPECT_TRUE(ring->jwks().ends_with("}]}"));
    EXPECT_FALSE(ring->jwks().contains(R"("d":)"));
    EXPECT_EQ(ring->find("unknown"), nullptr);
    EXPECT_EQ(ring->find(""), nullptr);
  }
}

TEST_F(KeyRingTest, Hs256PublishesNothing) {
  const auto ring = open(make_first(SigningAlgorithm::hs256));
  EXPECT_EQ(ring->jwks(), R"({"keys":[]})");
}

TEST_F(KeyRingTest, RotationMovesEveryKeyOneStateOn) {
  std::vector<StoredKey> stored = make_first();
  const std::string first = kids(stored, KeyState::active)[0];
  const std::string second = kids(stored, KeyState::next)[0];
  const auto ring = open(stored);
  const std::string signature = ring->active().key.sign("input");

  const Timestamp later = kNow + Seconds(1000);
  apply(stored, plan_rotation(stored, SigningAlgorithm::es256, later, kKeep, random, box));
  EXPECT_EQ(kids(stored, KeyState::retired), std::vector{first});
  EXPECT_EQ(kids(stored, KeyState::active), std::vector{second});
  ASSERT_EQ(kids(stored, KeyState::next).size(), 1U);
  const auto rotated = open(stored);
  EXPECT_EQ(rotated->active().kid, second);
  EXPECT_TRUE(rotated->find(first)->key.verify("input", signature));
  EXPECT_EQ(rotated->find(first)->retired_at, later);
  EXPECT_TRUE(rotated->jwks().contains(first));
  EXPECT_NE(rotated->fingerprint(), ring->fingerprint());
  EXPECT_EQ(rotated->refresh_mac_key().confidential_text(), ring->refresh_mac_key().confidential_text());
}

TEST_F(KeyRingTest, RetiredKeysGoWhenTheirLastTokenHasExpired) {
  std::vector<StoredKey> stored = make_first();
  const std::string first = kids(stored, KeyState::active)[0];
  apply(stored, plan_rotation(stored, SigningAlgorithm::es256, kNow, kKeep, random, box));
  apply(stored, plan_rotation(stored, SigningAlgorithm::es256, kNow + kKeep, kKeep, random, box));
  EXPECT_EQ(std::ranges::count(kids(stored, KeyState::retired), first), 1);
  apply(stored,
        plan_rotation(stored, SigningAlgorithm::es256, kNow + kKeep + Seconds(1), kKeep, random, box));
  EXPECT_EQ(std::ranges::count(kids(stored, KeyState::retired), first), 0);
  EXPECT_EQ(kids(stored, KeyState::retired).size(), 2U);
  EXPECT_NE(open(stored), nullptr);
}

TEST_F(KeyRingTest, RotationToAnotherAlgorithmMakesAFreshActiveKey) {
  std::vector<StoredKey> stored = make_first();
  const std::string waiting = kids(stored, KeyState::next)[0];
  apply(stored, plan_rotation(stored, SigningAlgorithm::eddsa, kNow, kKeep, random, box));
  const auto ring = open(stored);
  EXPECT_EQ(ring->active().key.algorithm(), SigningAlgorithm::eddsa);
  EXPECT_EQ(ring->find(waiting), nullptr) << "a next key of the old algorithm never signs";
  ASSERT_EQ(kids(stored, KeyState::next).size(), 1U);
  EXPECT_EQ(ring->find(kids(stored, KeyState::next)[0])->key.algorithm(), SigningAlgorithm::eddsa);
  EXPECT_EQ(kids(stored, KeyState::retired).size(), 1U);
}

TEST_F(KeyRingTest, SurvivesAThousandRotations) {
  std::vector<StoredKey> stored = make_first(SigningAlgorithm::hs256);
  for (int i = 0; i < 1000; ++i) {
    apply(stored,
          plan_rotation(stored, SigningAlgorithm::hs256, kNow + Seconds(i * 1000), kKeep, random, box));
    ASSERT_EQ(kids(stored, KeyState::active).size(), 1U);
    ASSERT_EQ(kids(stored, KeyState::next).size(), 1U);
    ASSERT_LE(stored.size(), 8U);
  }
}

TEST_F(KeyRingTest, FingerprintIgnoresOrder) {
  std::vector<StoredKey> stored = make_first();
  const auto ring = open(stored);
  std::ranges::reverse(stored);
  EXPECT_EQ(open(stored)->fingerprint(), ring->fingerprint());
}

TEST_F(KeyRingTest, NewestOfSeveralActiveKeysCounts) {
  std::vector<StoredKey> stored = make_first();
  for (StoredKey& key : stored) {
    if (key.state != KeyState::next) continue;
    key.state = KeyState::active;
    key.activated_at = kNow + Seconds(1);
    EXPECT_EQ(open(stored)->active().kid, key.kid);
  }
  apply(stored, plan_rotation(stored, SigningAlgorithm::es256, kNow + Seconds(2), kKeep, random, box));
  EXPECT_EQ(kids(stored, KeyState::active).size(), 1U);
  EXPECT_EQ(kids(stored, KeyState::retired).size(), 2U);
}

TEST_F(KeyRingTest, RefusesWhatItCannotVouchFor) {
  const std::vector<StoredKey> good = make_first();
  const auto refused = [&](auto change, const crypto::SecretBox& with) {
    std::vector<StoredKey> stored = good;
    change(stored);
    const auto ring = KeyRing::make(stored, with);
    return !ring && ring.error().code == base::ErrorCode::internal_error && !ring.error().detail.empty();
  };
  const auto nothing = [](auto&) {};
  EXPECT_FALSE(refused(nothing, box));
  EXPECT_TRUE(refused(nothing, make_box({'b'}))) << "another master secret";
  EXPECT_TRUE(refused([](auto& keys) { keys.clear(); }, box));
  EXPECT_TRUE(refused([](auto& keys) { keys[0].state = KeyState::retired; }, box));
  EXPECT_TRUE(refused([](auto& keys) { keys.pop_back(); }, box)) << "no MAC key";
  EXPECT_TRUE(refused([](auto& keys) { keys[0].purpose = "encrypt"; }, box));
  EXPECT_TRUE(refused([](auto& keys) { keys[0].algorithm = "none"; }, box));
  EXPECT_TRUE(refused([](auto& keys) { keys[0].algorithm = "EdDSA"; }, box));
  EXPECT_TRUE(refused([](auto& keys) { keys.push_back(keys[0]); }, box));
  EXPECT_TRUE(refused([](auto& keys) { std::swap(keys[0].kid, keys[1].kid); }, box)) << "sealed for its kid";
  EXPECT_TRUE(refused([](auto& keys) { keys[0].sealed_private.pop_back(); }, box));
}

TEST_F(KeyRingTest, ResealsUnderTheFirstSecretOnly) {
  std::vector<StoredKey> stored = make_first();
  EXPECT_TRUE(plan_resealing(stored, box, random).empty());
  const crypto::SecretBox both = make_box({'b', 'a'});
  const std::vector<StoredKey> resealed = plan_resealing(stored, both, random);
  ASSERT_EQ(resealed.size(), 3U);
  apply(stored, {.upserts = resealed, .deletes = {}});
  EXPECT_TRUE(KeyRing::make(stored, make_box({'b'})));
  EXPECT_FALSE(KeyRing::make(stored, box));
  EXPECT_TRUE(plan_resealing(stored, both, random).empty());
}

TEST(KeyState, Names) {
  EXPECT_EQ(to_string(KeyState::next), "next");
  EXPECT_EQ(to_string(KeyState::active), "active");
  EXPECT_EQ(to_string(KeyState::retired), "retired");
}

}  // namespace
}  // namespace latchkey::domain
