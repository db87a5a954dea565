// Hashing and verifying of passwords: Argon2id (RFC 9106), and reading of bcrypt and scrypt hashes of
// imported accounts.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace latchkey::crypto {

class Argon2Implementation;  // crypto/argon2.h

// OWASP Password Storage Cheat Sheet: m = 19 MiB, t = 2, p = 1 is the floor and the default.
struct Argon2Params {
  std::uint32_t memory_kib = 19456;  // 8 to 1,048,576
  std::uint32_t iterations = 2;      // 1 to 64
  bool operator==(const Argon2Params&) const = default;
};

// What a stored hash may ask of this machine at most; a hash that asks for more is not worked off
// (hash parameters as denial of service). Hashes with today's parameters are within the limits in any case.
struct PasswordHashLimits {
  std::uint32_t max_memory_kib = 262144;
  std::uint32_t max_iterations = 16;
  std::uint32_t max_bcrypt_cost = 15;
  std::uint32_t max_scrypt_memory_kib = 262144;  // lanes counted as memory: 128 * r * N * p bytes
};

enum class PasswordMatch : std::uint8_t { no, yes, yes_needs_rehash };

// Owns `arenas` memory blocks, each of the Argon2 memory, that are kept between uses and wiped after each; at
// most that many hashes run at once, of whatever kind, and further callers wait. Thread-safe. Memory is
// bounded by arenas * memory for hashes with today's parameters; a stored hash that asks for more has it for
// its own duration only, within the limits. Blocks are mapped on first use.
class PasswordHasher {
 public:
  // With the fastest code for this machine. `random` must outlive the hasher. Makes no hash: quick.
  PasswordHasher(Argon2Params params, PasswordHashLimits limits, unsigned arenas, base::Random& random);
  // With that code; for tests and benchmarks.
  PasswordHasher(Argon2Params params, PasswordHashLimits limits, unsigned arenas, base::Random& random,
                 const Argon2Implementation& implementation);
  ~PasswordHasher();
  PasswordHasher(const PasswordHasher&) = delete;
  PasswordHasher& operator=(const PasswordHasher&) = delete;

  // The PHC string "$argon2id$v=19$m=…,t=…,p=1$salt$hash" with a fresh 16-byte salt and a 32-byte hash.
  base::Secret hash(const base::Secret& password);
  // Compares against any supported PHC or crypt string: $argon2id$, $argon2i$ (p of 1 to 16), $2a$/$2b$/$2y$
  // (bcrypt; a password over 72 bytes or with a NUL never matches, because bcrypt would cut it),
  // $scrypt$ln=…,r=…,p=…$salt$hash. yes_needs_rehash: right, but not made with today's parameters. Fails with
  // internal_error when the stored string is unreadable or beyond the limits.
  base::Result<PasswordMatch> verify(const base::Secret& password, std::string_view confidential_stored);
  // The same work as a verify that says no, for accounts that do not exist.
  void verify_decoy(const base::Secret& password);
  // True for a string that verify can read and that is within the limits; for imports.
  bool is_supported(std::string_view confidential_stored) const;

  // "avx512", "avx2", "sse2" or "libsodium": which code does the work on this machine.
  std::string_view implementation() const;
  std::uint64_t hashes_done() const;          // since start, decoys included
  std::chrono::nanoseconds cpu_time() const;  // that those took, wiping included
  unsigned waiting() const;                   // callers waiting for an arena now
  bool is_busy() const;                       // somebody's hash is being computed now

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace latchkey::crypto
