#include "crypto/argon2.h"

#include <gtest/gtest.h>
#include <sodium.h>

#include <algorithm>
#include <array>

#include "base/infra_error.h"
#include "crypto/arena_pool.h"
#include "crypto/phc.h"
#include "crypto/testing/hex.h"

namespace latchkey::crypto {
namespace {

using testing::from_hex;

// Everything here runs on each implementation that this machine has.
class Argon2Test : public ::testing::TestWithParam<const Argon2Implementation*> {
 protected:
  static const Argon2Implementation& implementation() { return *GetParam(); }
  static bool is_libsodium() { return implementation().name() == "libsodium"; }

  static std::string compute(std::string_view password, const Argon2Input& input, std::size_t tag_size = 32) {
    const MappedMemory memory(implementation().memory_needed(input));
    return implementation().compute(password, input, tag_size, memory.bytes());
  }
  static bool verify(std::string_view password, const Argon2Hash& hash) {
    const MappedMemory memory(implementation().memory_needed(hash.input));
    return implementation().verify(password, hash, memory.bytes());
  }
};

Argon2Input input(Argon2Type type, std::uint32_t memory_kib, std::uint32_t iterations,
                  std::uint32_t lanes = 1, std::string salt = "0123456789abcdef") {
  return {.type = type,
          .memory_kib = memory_kib,
          .iterations = iterations,
          .lanes = lanes,
          .salt = std::move(salt),
          .secret = {},
          .associated_data = {}};
}

Argon2Hash parsed(std::string_view text) {
  return std::get<Argon2Hash>(parse_stored_hash(text, PasswordHashLimits{}).value());
}

// RFC 9106 sections 5.2 and 5.3: with a secret and associated data, which libsodium does not take.
TEST_P(Argon2Test, known_answers_of_rfc_9106) {
  Argon2Input rfc = input(Argon2Type::i, 32, 3, 4, std::string(16, '\x02'));
  rfc.secret = std::string(8, '\x03');
  rfc.associated_data = std::string(12, '\x04');
  const std::string password(32, '\x01');
  if (is_libsodium()) {
    EXPECT_FALSE(implementation().supports({.input = rfc, .tag = std::string(32, 't')}));
    EXPECT_THROW(compute(password, rfc), base::InfraError);
    return;
  }
  EXPECT_EQ(compute(password, rfc),
            from_hex("c814d9d1dc7f37aa13f0d77f2494bda1c8de6b016dd388d29952a4c4672b6ce8"));
  rfc.type = Argon2Type::id;
  EXPECT_EQ(compute(password, rfc),
            from_hex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"));
}

// Strings from the reference implementation's own tests.
TEST_P(Argon2Test, known_strings_of_the_reference_implementation) {
  for (const auto text : {
           "$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$wWKIMhR9lyDFvRz9YTZweHKfbftvj+qf+YFY4NeBbtA",
           "$argon2i$v=19$m=256,t=2,p=2$c29tZXNhbHQ$T/XOJ2mh1/TIpJHfCdQan76Q5esCFVoT5MAeIM1Oq2E",
           "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
           "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc",
       }) {
    EXPECT_TRUE(verify("password", parsed(text))) << text;
    EXPECT_FALSE(verify("differentpassword", parsed(text))) << text;
  }
}

// libsodium is the oracle: what is made here verifies there …
TEST_P(Argon2Test, libsodium_verifies_what_is_made_here) {
  for (const auto& [memory_kib, iterations] : {std::pair{8u, 1u}, {19456u, 2u}, {1000u, 3u}, {1027u, 5u}}) {
    for (const std::string_view password :
         {std::string_view("password"), std::string_view(""), std::string_view("a\0b", 3)}) {
      const Argon2Input made = input(Argon2Type::id, memory_kib, iterations);
      const std::string text = format_argon2({.input = made, .tag = compute(password, made)});
      EXPECT_EQ(crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()), 0) << text;
      EXPECT_NE(crypto_pwhash_str_verify(text.c_str(), "other", 5), 0) << text;
    }
  }
}

// … and the other way round.
TEST_P(Argon2Test, verifies_what_libsodium_made) {
  for (const int algorithm : {crypto_pwhash_ALG_ARGON2ID13, crypto_pwhash_ALG_ARGON2I13}) {
    std::array<char, crypto_pwhash_STRBYTES> text{};
    ASSERT_EQ(crypto_pwhash_str_alg(text.data(), "password", 8, 3, std::size_t{2048} * 1024, algorithm), 0);
    EXPECT_TRUE(verify("password", parsed(text.data()))) << text.data();
    EXPECT_FALSE(verify("passwore", parsed(text.data()))) << text.data();
  }
}

// Lanes, odd amounts of memory, salts and tags of other sizes: all implementations agree.
TEST_P(Argon2Test, all_implementations_agree) {
  const auto all = argon2_implementations();
  const Argon2Implementation& first = *all.front();
  if (first.name() == "libsodium") return;  // it is alone
  for (const Argon2Type type : {Argon2Type::i, Argon2Type::id}) {
    for (const std::uint32_t lanes : {1u, 2u, 3u, 16u}) {
      for (const std::size_t salt_size : {std::size_t{8}, std::size_t{16}, std::size_t{33}}) {
        const Argon2Input in = input(type, 8 * lanes + 3, 2, lanes, std::string(salt_size, 's'));
        const MappedMemory memory(first.memory_needed(in));
        Argon2Hash hash{.input = in, .tag = first.compute("password", in, 24, memory.bytes())};
        EXPECT_TRUE(verify("password", hash)) << format_argon2(hash);
        hash.tag[23] ^= 1;
        EXPECT_FALSE(verify("password", hash)) << format_argon2(hash);
      }
    }
  }
}

TEST_P(Argon2Test, leaves_nothing_in_the_memory) {
  const Argon2Input in = input(Argon2Type::id, 1027, 2);
  const MappedMemory memory(2048 * 1024);
  std::ranges::fill(memory.bytes(), std::byte{0xaa});
  const std::string before = implementation().compute("password", in, 32, memory.bytes());
  const auto used = memory.bytes().first(implementation().memory_needed(in));
  // 1027 blocks are rounded down to 1024 by Argon2 itself; the rest is not touched.
  const std::size_t touched = used.empty() ? 0 : 1024 * 1024;
  const auto zero = [](std::byte b) { return b == std::byte{0}; };
  const auto untouched = [](std::byte b) { return b == std::byte{0xaa}; };
  EXPECT_TRUE(std::ranges::all_of(memory.bytes().first(touched), zero));
  EXPECT_TRUE(std::ranges::all_of(memory.bytes().subspan(touched), untouched));
  // What was in the memory has no influence.
  std::ranges::fill(memory.bytes(), std::byte{0x55});
  EXPECT_EQ(implementation().compute("password", in, 32, memory.bytes()), before);
}

TEST_P(Argon2Test, refuses_input_out_of_range) {
  EXPECT_THROW(compute("password", input(Argon2Type::id, 7, 1)), base::InfraError);
  EXPECT_THROW(compute("password", input(Argon2Type::id, 8, 0)), base::InfraError);
  if (!is_libsodium()) {
    EXPECT_THROW(compute("password", input(Argon2Type::id, 31, 1, 4)), base::InfraError);
    EXPECT_THROW(implementation().compute("password", input(Argon2Type::id, 8, 1), 32, {}), base::InfraError);
  }
}

INSTANTIATE_TEST_SUITE_P(Implementations, Argon2Test, ::testing::ValuesIn(argon2_implementations()),
                         [](const auto& test) { return std::string(test.param->name()); });

TEST(Argon2, libsodium_is_always_there) { EXPECT_EQ(argon2_implementations().back()->name(), "libsodium"); }

}  // namespace
}  // namespace latchkey::crypto
