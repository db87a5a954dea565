#include "crypto/phc.h"

#include <gtest/gtest.h>

namespace latchkey::crypto {
namespace {

constexpr std::string_view kArgon2 =
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
constexpr std::string_view kScrypt =
    "$scrypt$ln=15,r=8,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
constexpr std::string_view kBcrypt = "$2b$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234";

bool is_read(std::string_view text, const PasswordHashLimits& limits = {}) {
  return parse_stored_hash(text, limits).has_value();
}

// `text` with the first `from` replaced.
std::string with(std::string_view text, std::string_view from, std::string_view to) {
  std::string changed(text);
  return changed.replace(changed.find(from), from.size(), to);
}

TEST(Phc, reads_argon2_and_writes_it_back) {
  const auto hash = std::get<Argon2Hash>(parse_stored_hash(kArgon2, {}).value());
  EXPECT_EQ(hash.input.type, Argon2Type::id);
  EXPECT_EQ(hash.input.memory_kib, 65536u);
  EXPECT_EQ(hash.input.iterations, 2u);
  EXPECT_EQ(hash.input.lanes, 1u);
  EXPECT_EQ(hash.input.salt, "somesalt");
  EXPECT_EQ(hash.tag.size(), 32u);
  EXPECT_EQ(format_argon2(hash), kArgon2);
  const std::string other = with(kArgon2, "argon2id", "argon2i");
  EXPECT_EQ(format_argon2(std::get<Argon2Hash>(parse_stored_hash(other, {}).value())), other);
}

TEST(Phc, reads_scrypt) {
  const auto hash = std::get<ScryptHash>(parse_stored_hash(kScrypt, {}).value());
  EXPECT_EQ(hash.log2_n, 15u);
  EXPECT_EQ(hash.r, 8u);
  EXPECT_EQ(hash.p, 1u);
  EXPECT_EQ(hash.salt, "somesalt");
  EXPECT_EQ(hash.tag.size(), 32u);
}

TEST(Phc, reads_bcrypt) {
  for (const auto prefix : {"$2a$", "$2b$", "$2y$"}) {
    const auto hash = std::get<BcryptHash>(parse_stored_hash(with(kBcrypt, "$2b$", prefix), {}).value());
    EXPECT_EQ(hash.cost, 12u);
    EXPECT_EQ(hash.text, with(kBcrypt, "$2b$", prefix));
  }
}

TEST(Phc, refuses_every_cut_and_every_addition) {
  for (const auto text : {kArgon2, kScrypt, kBcrypt}) {
    // From the tag's 16th byte on a cut tag is just a shorter one.
    const std::size_t shortest = text == kBcrypt ? text.size() : text.size() - 21;
    for (std::size_t size = 0; size < shortest; ++size) EXPECT_FALSE(is_read(text.substr(0, size))) << size;
    for (const char more : {'$', '=', '\n', ' ', '!', '\0'}) {
      EXPECT_FALSE(is_read(std::string(text) + more));
      EXPECT_FALSE(is_read(more + std::string(text)));
    }
  }
}

TEST(Phc, refuses_other_kinds) {
  for (const auto text :
       {"", "$", "plain", "$argon2d$v=19$m=64,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8",
        "$2$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz01234",
        "$2x$12$abcdefghijklmnopqrstuuabcdefghijklmnopqrstuvwxyz0123", "$1$salt$hash", "$6$salt$hash",
        "$y$j9T$salt$hash", "$pbkdf2-sha256$29000$salt$hash", "*", "!"}) {
    EXPECT_FALSE(is_read(text)) << text;
  }
}

TEST(Phc, refuses_numbers_and_order_in_another_form) {
  for (const auto& [from, to] : {std::pair{"m=65536", "m=065536"},
                                 {"m=65536", "m=+65536"},
                                 {"m=65536", "m=-1"},
                                 {"m=65536", "m="},
                                 {"m=65536", "m=4294967297"},
                                 {"m=65536", "m=0x100"},
                                 {"m=65536", "m=1e3"},
                                 {"t=2", "t=0"},
                                 {"t=2", "t= 2"},
                                 {"p=1", "p=0"},
                                 {"v=19", "v=16"},
                                 {"v=19$", ""},
                                 {"m=65536,t=2", "t=2,m=65536"},
                                 {",p=1", ",p=1,data=aa"},
                                 {",p=1", ""},
                                 {"$c29", "$$c29"},
                                 {"argon2id", "Argon2id"}}) {
    EXPECT_FALSE(is_read(with(kArgon2, from, to))) << to;
  }
  for (const auto& [from, to] : {std::pair{"ln=15", "ln=0"},
                                 {"ln=15", "ln=015"},
                                 {"ln=15", "ln=64"},
                                 {"ln=15", "n=32768"},
                                 {"r=8", "r=0"},
                                 {"p=1", "p=0"},
                                 {"r=8,p=1", "p=1,r=8"}}) {
    EXPECT_FALSE(is_read(with(kScrypt, from, to))) << to;
  }
  for (const auto& [from, to] : {std::pair{"$12$", "$3$"},
                                 {"$12$", "$03$"},
                                 {"$12$", "$1a$"},
                                 {"$12$", "$ 9$"},
                                 {"$12$", "$+9$"},
                                 {"abc", "ab!"},
                                 {"abc", "ab$"}}) {
    EXPECT_FALSE(is_read(with(kBcrypt, from, to))) << to;
  }
}

TEST(Phc, refuses_base64_in_another_form) {
  for (const auto& [from, to] : {std::pair{"c29tZXNhbHQ", "c29tZXNhbHQ="},
                                 {"c29tZXNhbHQ", "c29tZXNhbHR"},
                                 {"c29tZXNhbHQ", "c29tZXNh-HQ"},
                                 {"c29tZXNhbHQ", "c29tZXNhb Q"},
                                 {"c29tZXNhbHQ", ""},
                                 {"c29tZXNhbHQ", "c29tZXNhbA"},
                                 {"GRPPc", "GRPPd"}}) {
    EXPECT_FALSE(is_read(with(kArgon2, from, to))) << to;
    EXPECT_FALSE(is_read(with(kScrypt, from, to))) << to;
  }
}

TEST(Phc, refuses_every_other_byte_in_base64) {
  for (int c = 0; c < 256; ++c) {
    std::string text(kArgon2);
    text[text.size() - 10] = static_cast<char>(c);
    const auto stored = parse_stored_hash(text, {});
    if (stored) {
      EXPECT_EQ(format_argon2(std::get<Argon2Hash>(*stored)), text) << c;
    }
  }
}

TEST(Phc, bounds_salt_and_tag) {
  const auto argon2 = [](std::size_t salt, std::size_t tag) {
    return format_argon2({.input = {.type = Argon2Type::id,
                                    .memory_kib = 64,
                                    .iterations = 1,
                                    .lanes = 1,
                                    .salt = std::string(salt, 's'),
                                    .secret = {},
                                    .associated_data = {}},
                          .tag = std::string(tag, 't')});
  };
  EXPECT_TRUE(is_read(argon2(8, 16)));
  EXPECT_TRUE(is_read(argon2(64, 64)));
  EXPECT_FALSE(is_read(argon2(7, 16)));
  EXPECT_FALSE(is_read(argon2(8, 15)));
  EXPECT_FALSE(is_read(argon2(65, 64)));
  EXPECT_FALSE(is_read(argon2(64, 65)));
  EXPECT_FALSE(is_read(argon2(200, 32)));
}

// Attack: an imported hash that asks for more than the machine has.
TEST(Phc, hash_parameters_as_denial_of_service) {
  EXPECT_TRUE(is_read(with(kArgon2, "m=65536", "m=262144")));
  EXPECT_FALSE(is_read(with(kArgon2, "m=65536", "m=262145")));
  EXPECT_FALSE(is_read(with(kArgon2, "m=65536", "m=4294967295")));
  EXPECT_TRUE(is_read(with(kArgon2, "t=2", "t=16")));
  EXPECT_FALSE(is_read(with(kArgon2, "t=2", "t=17")));
  EXPECT_TRUE(is_read(with(kArgon2, "p=1", "p=16")));
  EXPECT_FALSE(is_read(with(kArgon2, "p=1", "p=17")));
  EXPECT_TRUE(is_read(with(kArgon2, "m=65536", "m=8")));
  EXPECT_FALSE(is_read(with(kArgon2, "m=65536", "m=7")));
  EXPECT_FALSE(is_read(with(kArgon2, "m=65536,t=2,p=1", "m=15,t=2,p=2")));

  EXPECT_TRUE(is_read(with(kBcrypt, "$12$", "$15$")));
  EXPECT_FALSE(is_read(with(kBcrypt, "$12$", "$16$")));
  EXPECT_FALSE(is_read(with(kBcrypt, "$12$", "$31$")));

  EXPECT_TRUE(is_read(with(kScrypt, "ln=15", "ln=18")));
  EXPECT_FALSE(is_read(with(kScrypt, "ln=15", "ln=19")));
  EXPECT_FALSE(is_read(with(kScrypt, "ln=15", "ln=4294967295")));
  EXPECT_TRUE(is_read(with(kScrypt, "p=1", "p=8")));
  EXPECT_FALSE(is_read(with(kScrypt, "p=1", "p=9")));
  EXPECT_FALSE(is_read(with(kScrypt, "r=8", "r=4294967295")));

  EXPECT_FALSE(is_read(kArgon2, {.max_memory_kib = 65535}));
  EXPECT_FALSE(is_read(kArgon2, {.max_iterations = 1}));
  EXPECT_FALSE(is_read(kBcrypt, {.max_bcrypt_cost = 11}));
  EXPECT_FALSE(is_read(kScrypt, {.max_scrypt_memory_kib = 32767}));
  EXPECT_TRUE(is_read(kScrypt, {.max_scrypt_memory_kib = 32768}));
}

}  // namespace
}  // namespace latchkey::crypto
