// Argon2 (RFC 9106) computed by the fastest code that this machine can run, in memory that the caller keeps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::crypto {

enum class Argon2Type : std::uint8_t { i = 1, id = 2 };  // the numbers of the RFC

// All that determines a tag, beside the password and the tag's size.
struct Argon2Input {
  Argon2Type type = Argon2Type::id;
  std::uint32_t memory_kib = 0;  // at least 8 * lanes
  std::uint32_t iterations = 0;
  std::uint32_t lanes = 1;
  std::string salt;             // at least 8 bytes
  std::string secret;           // Latchkey has neither this
  std::string associated_data;  // nor this; the RFC's known answers do
  bool operator==(const Argon2Input&) const = default;
};

struct Argon2Hash {
  Argon2Input input;
  std::string tag;  // at least 16 bytes
};

// One piece of code that computes Argon2, version 1.3. Immutable, thread-safe. Lanes are worked off one after
// another: parallel work comes from parallel callers.
class Argon2Implementation {
 public:
  virtual ~Argon2Implementation() = default;
  // "avx512", "avx2", "sse2" or "libsodium"
  virtual std::string_view name() const = 0;
  // How much memory the caller must bring for that input; 0 when this code takes and gives back its own.
  virtual std::size_t memory_needed(const Argon2Input& input) const = 0;
  // Whether verify() can be asked about `hash`.
  virtual bool supports(const Argon2Hash& hash) const = 0;
  // The tag. `memory` is of any content at first and is all zero afterwards, as far as it was used. Throws
  // InfraError when the input is out of range, or there is no memory.
  virtual std::string compute(std::string_view password, const Argon2Input& input, std::size_t tag_size,
                              std::span<std::byte> memory) const = 0;
  // The same work, and a comparison in constant time.
  virtual bool verify(std::string_view password, const Argon2Hash& hash,
                      std::span<std::byte> memory) const = 0;
};

// Every implementation that was built and that this machine can run, the fastest first. Never empty:
// libsodium is always there.
std::vector<const Argon2Implementation*> argon2_implementations();

}  // namespace latchkey::crypto
