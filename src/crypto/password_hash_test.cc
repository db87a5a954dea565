#include "crypto/password_hash.h"

#include <crypt.h>
#include <gmock/gmock.h>
#include <sodium.h>

#include <stdexcept>
#include <thread>
#include <vector>

#include "base/testing/fakes.h"
#include "crypto/argon2.h"
#include "crypto/phc.h"

namespace latchkey::crypto {
namespace {

using base::Secret;
using ::testing::StartsWith;

constexpr Argon2Params kCheap{.memory_kib = 64, .iterations = 1};

Secret secret(std::string_view text) { return Secret(text); }

// Everything here runs on each implementation that this machine has.
class PasswordHasherTest : public ::testing::TestWithParam<const Argon2Implementation*> {
 protected:
  PasswordMatch verify(std::string_view password, std::string_view stored) {
    return hasher_.verify(secret(password), stored).value();
  }
  base::testing::FakeRandom random_;
  PasswordHasher hasher_{kCheap, {}, 2, random_, *GetParam()};
};

TEST_P(PasswordHasherTest, verifies_what_it_hashed) {
  for (const std::string_view password :
       {std::string_view("correct horse battery staple"), std::string_view(""), std::string_view("a\0b", 3),
        std::string_view("pässwörd")}) {
    const Secret stored = hasher_.hash(secret(password));
    EXPECT_EQ(verify(password, stored.confidential_text()), PasswordMatch::yes);
    EXPECT_EQ(verify(std::string(password) + "x", stored.confidential_text()), PasswordMatch::no);
  }
}

// Nothing is cut: passwords of 1,024 bytes count to the last one.
TEST_P(PasswordHasherTest, long_passwords_count_wholly) {
  std::string password(1024, 'p');
  const Secret stored = hasher_.hash(secret(password));
  EXPECT_EQ(verify(password, stored.confidential_text()), PasswordMatch::yes);
  password.back() = 'q';
  EXPECT_EQ(verify(password, stored.confidential_text()), PasswordMatch::no);
}

TEST_P(PasswordHasherTest, writes_phc_strings_that_libsodium_verifies) {
  const Secret stored = hasher_.hash(secret("password"));
  EXPECT_THAT(std::string(stored.confidential_text()), StartsWith("$argon2id$v=19$m=64,t=1,p=1$"));
  const auto hash = std::get<Argon2Hash>(parse_stored_hash(stored.confidential_text(), {}).value());
  EXPECT_EQ(hash.input.salt.size(), 16u);
  EXPECT_EQ(hash.tag.size(), 32u);
  EXPECT_EQ(crypto_pwhash_str_verify(std::string(stored.confidential_text()).c_str(), "password", 8), 0);
}

TEST_P(PasswordHasherTest, salts_differ) {
  EXPECT_NE(hasher_.hash(secret("password")).confidential_text(),
            hasher_.hash(secret("password")).confidential_text());
}

TEST_P(PasswordHasherTest, asks_for_a_new_hash_when_parameters_changed) {
  for (const Argon2Params other :
       {Argon2Params{.memory_kib = 128, .iterations = 1}, Argon2Params{.memory_kib = 32, .iterations = 1},
        Argon2Params{.memory_kib = 64, .iterations = 2}}) {
    PasswordHasher before(other, {}, 1, random_, *GetParam());
    const Secret stored = before.hash(secret("password"));
    EXPECT_EQ(verify("password", stored.confidential_text()), PasswordMatch::yes_needs_rehash);
    EXPECT_EQ(verify("passwore", stored.confidential_text()), PasswordMatch::no);
  }
  // Another type, more lanes, another salt or tag size.
  for (const auto stored :
       {"$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E",
        "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"}) {
    EXPECT_EQ(verify("password", stored), PasswordMatch::yes_needs_rehash);
    EXPECT_EQ(verify("Password", stored), PasswordMatch::no);
  }
}

TEST_P(PasswordHasherTest, refuses_what_it_cannot_read) {
  for (const auto stored :
       {"", "password", "$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQ$",
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
        "$2b$31$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234"}) {
    EXPECT_FALSE(hasher_.is_supported(stored));
    const auto result = hasher_.verify(secret("password"), stored);
    ASSERT_FALSE(result) << stored;
    EXPECT_EQ(result.error().code, base::ErrorCode::internal_error);
  }
  EXPECT_EQ(hasher_.hashes_done(), 0u);
}

TEST_P(PasswordHasherTest, decoy_does_the_work_of_a_verify) {
  hasher_.verify_decoy(secret("password"));
  EXPECT_EQ(hasher_.hashes_done(), 1u);
  EXPECT_GT(hasher_.cpu_time(), std::chrono::nanoseconds(0));
  // Also with parameters beyond the limits for stored hashes.
  PasswordHasher large({.memory_kib = 128, .iterations = 3}, {.max_memory_kib = 64, .max_iterations = 1}, 1,
                       random_, *GetParam());
  large.verify_decoy(secret("password"));
  EXPECT_EQ(large.hashes_done(), 1u);
  EXPECT_EQ(large.verify(secret("password"), large.hash(secret("password")).confidential_text()).value(),
            PasswordMatch::yes);
  EXPECT_EQ(large.hashes_done(), 3u);
}

TEST_P(PasswordHasherTest, many_threads_share_few_arenas) {
  const Secret stored = hasher_.hash(secret("password"));
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        for (int j = 0; j < 25; ++j) {
          const bool right = (i + j) % 2 == 0;
          EXPECT_EQ(verify(right ? "password" : "Password", stored.confidential_text()),
                    right ? PasswordMatch::yes : PasswordMatch::no);
        }
      });
    }
  }
  EXPECT_EQ(hasher_.hashes_done(), 201u);
  EXPECT_EQ(hasher_.waiting(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Implementations, PasswordHasherTest, ::testing::ValuesIn(argon2_implementations()),
                         [](const auto& test) { return std::string(test.param->name()); });

class ImportedHashTest : public ::testing::Test {
 protected:
  PasswordMatch verify(std::string_view password, std::string_view stored) {
    EXPECT_TRUE(hasher_.is_supported(stored));
    return hasher_.verify(secret(password), stored).value();
  }
  base::testing::FakeRandom random_;
  PasswordHasher hasher_{kCheap, {}, 1, random_};
};

// Vectors of the bcrypt implementation in OpenWall's crypt_blowfish.
TEST_F(ImportedHashTest, known_bcrypt_hashes) {
  const std::pair<std::string_view, std::string_view> known[] = {
      {"$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"},
      {"$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK", "U*U*"},
      {"$2a$05$XXXXXXXXXXXXXXXXXXXXXOAcXxm9kjPGEMsLznoKqmqw7tc8WCx4a", "U*U*U"},
      {"$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy", ""},
      {"$2y$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", "\xff\xff\xa3"},
      {"$2b$05$/OK.fbVrR/bpIqNJ5ianF.CE5elHaaO4EbggVDjb8P19RukzXSM3e", "\xff\xff\xa3"},
  };
  for (const auto& [stored, password] : known) {
    EXPECT_EQ(verify(password, stored), PasswordMatch::yes_needs_rehash) << stored;
    EXPECT_EQ(verify(std::string(password) + "x", stored), PasswordMatch::no) << stored;
  }
}

// bcrypt reads 72 bytes and stops at a NUL; here such a password is simply wrong.
TEST_F(ImportedHashTest, bcrypt_never_matches_a_password_it_would_cut) {
  crypt_data data{};
  const std::string password(72, 'p');
  const std::string stored = crypt_r(password.c_str(), "$2b$04$abcdefghijklmnopqrstuu", &data);
  EXPECT_EQ(verify(password, stored), PasswordMatch::yes_needs_rehash);
  EXPECT_EQ(verify(password + "p", stored), PasswordMatch::no);
  EXPECT_EQ(verify(password + '\0', stored), PasswordMatch::no);
  const std::string short_stored = crypt_r("pass", "$2b$04$abcdefghijklmnopqrstuu", &data);
  EXPECT_EQ(verify("pass", short_stored), PasswordMatch::yes_needs_rehash);
  EXPECT_EQ(verify(std::string_view("pass\0word", 9), short_stored), PasswordMatch::no);
  EXPECT_EQ(hasher_.hashes_done(), 5u);  // the wrong ones cost the same
}

// RFC 7914 section 12. Its salts "" and "NaCl" are shorter than what is read here, so the one with
// "SodiumChloride".
TEST_F(ImportedHashTest, known_scrypt_hash_of_rfc_7914) {
  constexpr std::string_view stored =
      "$scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU$"
      "cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofLVQylVYT8Pz2LUlwUkKpr55h6F3A1lHkDfzwF7RVdYhw";
  EXPECT_EQ(verify("pleaseletmein", stored), PasswordMatch::yes_needs_rehash);
  EXPECT_EQ(verify("pleaseletmeout", stored), PasswordMatch::no);
}

TEST_F(ImportedHashTest, scrypt_with_more_lanes) {
  std::string tag(32, '\0');
  ASSERT_EQ(
      crypto_pwhash_scryptsalsa208sha256_ll(reinterpret_cast<const unsigned char*>("password"), 8,
                                            reinterpret_cast<const unsigned char*>("somesalt"), 8, 1024, 8, 3,
                                            reinterpret_cast<unsigned char*>(tag.data()), tag.size()),
      0);
  std::string text(sodium_base64_ENCODED_LEN(tag.size(), sodium_base64_VARIANT_ORIGINAL_NO_PADDING), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(tag.data()), tag.size(),
                    sodium_base64_VARIANT_ORIGINAL_NO_PADDING);
  text.pop_back();
  EXPECT_EQ(verify("password", "$scrypt$ln=10,r=8,p=3$c29tZXNhbHQ$" + text), PasswordMatch::yes_needs_rehash);
  EXPECT_EQ(verify("passwore", "$scrypt$ln=10,r=8,p=3$c29tZXNhbHQ$" + text), PasswordMatch::no);
}

TEST(PasswordHasher, takes_the_fastest_code_of_this_machine) {
  base::testing::FakeRandom random;
  EXPECT_EQ(PasswordHasher(kCheap, {}, 1, random).implementation(), argon2_implementations().front()->name());
}

TEST(PasswordHasher, default_parameters_are_those_of_owasp) {
  base::testing::FakeRandom random;
  PasswordHasher hasher(Argon2Params{}, {}, 1, random);
  const Secret stored = hasher.hash(secret("password"));
  EXPECT_THAT(std::string(stored.confidential_text()), StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_EQ(hasher.verify(secret("password"), stored.confidential_text()).value(), PasswordMatch::yes);
}

TEST(PasswordHasher, refuses_parameters_out_of_range) {
  base::testing::FakeRandom random;
  EXPECT_THROW(PasswordHasher({.memory_kib = 7, .iterations = 1}, {}, 1, random), std::invalid_argument);
  EXPECT_THROW(PasswordHasher({.memory_kib = 1048577, .iterations = 1}, {}, 1, random),
               std::invalid_argument);
  EXPECT_THROW(PasswordHasher({.memory_kib = 8, .iterations = 0}, {}, 1, random), std::invalid_argument);
  EXPECT_THROW(PasswordHasher({.memory_kib = 8, .iterations = 65}, {}, 1, random), std::invalid_argument);
  EXPECT_THROW(PasswordHasher(kCheap, {}, 0, random), std::invalid_argument);
}

}  // namespace
}  // namespace latchkey::crypto
