// Any bytes as a stored password hash: what is read stays within the limits, and Argon2 is written back as it
// was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "crypto/password_hash.h"
#include "crypto/phc.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using latchkey::crypto::Argon2Hash;
  using latchkey::crypto::BcryptHash;
  using latchkey::crypto::PasswordHashLimits;
  using latchkey::crypto::ScryptHash;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const PasswordHashLimits limits;
  const auto stored = latchkey::crypto::parse_stored_hash(text, limits);
  if (!stored) return 0;
  bool good = false;
  if (const auto* argon2 = std::get_if<Argon2Hash>(&*stored)) {
    good = argon2->input.memory_kib <= limits.max_memory_kib &&
           argon2->input.iterations <= limits.max_iterations && format_argon2(*argon2) == text;
  } else if (const auto* bcrypt = std::get_if<BcryptHash>(&*stored)) {
    good = bcrypt->cost <= limits.max_bcrypt_cost && bcrypt->text == text;
  } else {
    const auto& scrypt = std::get<ScryptHash>(*stored);
    good = (std::uint64_t{128} << scrypt.log2_n) * scrypt.r * scrypt.p <=
           std::uint64_t{limits.max_scrypt_memory_kib} * 1024;
  }
  if (!good) std::abort();
  return 0;
}
