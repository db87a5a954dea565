#include "crypto/digest.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>
#include <vector>

#include "crypto/testing/hex.h"

namespace latchkey::crypto {
namespace {

using testing::from_hex;
using testing::to_text;

std::string hmac(const std::string& key, std::string_view data) {
  return to_text(hmac_sha256(std::as_bytes(std::span(key)), data));
}

TEST(Digest, sha256_known_answers) {
  EXPECT_EQ(to_text(sha256("")),
            from_hex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
  EXPECT_EQ(to_text(sha256("abc")),
            from_hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  EXPECT_EQ(to_text(sha256(std::string(1'000'000, 'a'))),
            from_hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"));
}

TEST(Digest, hmac_known_answers_of_rfc_4231) {
  EXPECT_EQ(hmac(std::string(20, '\x0b'), "Hi There"),
            from_hex("b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"));
  EXPECT_EQ(hmac("Jefe", "what do ya want for nothing?"),
            from_hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"));
  EXPECT_EQ(hmac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            from_hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"));
}

// Section A.3: neither salt nor info.
TEST(Digest, hkdf_known_answer_of_rfc_5869) {
  const base::Secret key(std::string(22, '\x0b'));
  EXPECT_EQ(hkdf_sha256(key, "", 42).confidential_text(),
            from_hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
                     "9d201395faa4b61a96c8"));
}

TEST(Digest, hkdf_binds_to_the_purpose_and_bounds_the_length) {
  const base::Secret key(std::string(32, 'k'));
  const base::Secret one = hkdf_sha256(key, "one", 255 * 32);
  EXPECT_EQ(one.size(), 255u * 32);
  EXPECT_EQ(hkdf_sha256(key, "one", 1).confidential_text(), one.confidential_text().substr(0, 1));
  EXPECT_NE(hkdf_sha256(key, "two", 32).confidential_text(), one.confidential_text().substr(0, 32));
  EXPECT_THROW(hkdf_sha256(key, "one", 0), std::invalid_argument);
  EXPECT_THROW(hkdf_sha256(key, "one", 255 * 32 + 1), std::invalid_argument);
}

TEST(Digest, constant_time_equal_compares) {
  EXPECT_TRUE(constant_time_equal("", ""));
  EXPECT_TRUE(constant_time_equal("same", "same"));
  EXPECT_FALSE(constant_time_equal("same", "sane"));
  EXPECT_FALSE(constant_time_equal("same", "same "));
  EXPECT_FALSE(constant_time_equal("", "x"));
}

TEST(Digest, works_on_many_threads_at_once) {
  const Sha256 expected = sha256("abc");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 1000; ++j) EXPECT_EQ(sha256("abc"), expected);
    });
  }
}

// The first vectors of SipHash's own test table: key 00…0f, inputs "", 00, 00 01, …
TEST(KeyedHash, siphash_2_4_vectors) {
  HashKey key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(i);
  EXPECT_EQ(keyed_hash(key, ""), 0x726fdb47dd0e0e31U);
  EXPECT_EQ(keyed_hash(key, std::string_view("\0", 1)), 0x74f839c593dc67fdU);
  EXPECT_EQ(keyed_hash(key, std::string_view("\0\1", 2)), 0x0d6c8009d9a94f5aU);
  key[0] = std::byte{1};
  EXPECT_NE(keyed_hash(key, ""), 0x726fdb47dd0e0e31U);
}

}  // namespace
}  // namespace latchkey::crypto
