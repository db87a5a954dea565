// Stored password hashes as text: reads every supported form strictly and within limits, writes Argon2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "crypto/argon2.h"
#include "crypto/password_hash.h"

namespace latchkey::crypto {

struct BcryptHash {
  std::uint32_t cost = 0;
  std::string text;  // whole, 60 characters: crypt(3) takes it as its setting
};

struct ScryptHash {
  std::uint32_t log2_n = 0;
  std::uint32_t r = 0;
  std::uint32_t p = 0;
  std::string salt;
  std::string tag;
};

using StoredHash = std::variant<Argon2Hash, BcryptHash, ScryptHash>;

// Reads one of
//   $argon2id$v=19$m=…,t=…,p=…$salt$tag   and $argon2i$, p of 1 to 16
//   $2a$, $2b$, $2y$ + cost of two digits + $ + 53 characters
//   $scrypt$ln=…,r=…,p=…$salt$tag
// Salts of 8 to 64 bytes and tags of 16 to 64, in standard base64 without padding; numbers in decimal without
// leading zeros. Nothing for any other text, or when the hash asks for more than the limits give.
std::optional<StoredHash> parse_stored_hash(std::string_view confidential_text,
                                            const PasswordHashLimits& limits);

// The PHC string.
std::string format_argon2(const Argon2Hash& hash);

}  // namespace latchkey::crypto
