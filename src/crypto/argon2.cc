#include "crypto/argon2.h"

#include <sodium.h>

#include "base/error.h"
#include "base/infra_error.h"
#include "crypto/digest.h"
#include "crypto/phc.h"
#ifdef LATCHKEY_REFERENCE_ARGON2
#include "crypto/argon2_reference.h"
#endif

namespace latchkey::crypto {
namespace {

using base::ErrorCode;
using base::InfraError;

#ifdef LATCHKEY_REFERENCE_ARGON2

// The reference implementation, compiled for one instruction set.
class ReferenceArgon2 final : public Argon2Implementation {
 public:
  using Function = int(const LatchkeyArgon2Request*);
  ReferenceArgon2(std::string_view name, Function& function) : name_(name), function_(function) {}

  std::string_view name() const override { return name_; }
  std::size_t memory_needed(const Argon2Input& input) const override {
    return std::size_t{input.memory_kib} * 1024;
  }
  bool supports(const Argon2Hash&) const override { return true; }

  std::string compute(std::string_view password, const Argon2Input& input, std::size_t tag_size,
                      std::span<std::byte> memory) const override {
    if (memory.size() < memory_needed(input))
      throw InfraError(ErrorCode::internal_error, "Argon2: memory too small");
    std::string tag(tag_size, '\0');
    const LatchkeyArgon2Request request{.type = static_cast<int>(input.type),
                                        .memory_kib = input.memory_kib,
                                        .iterations = input.iterations,
                                        .lanes = input.lanes,
                                        .password = bytes(password),
                                        .salt = bytes(input.salt),
                                        .secret = bytes(input.secret),
                                        .associated_data = bytes(input.associated_data),
                                        .tag = tag.data(),
                                        .tag_size = static_cast<std::uint32_t>(tag.size()),
                                        .memory = memory.data()};
    if (const int result = function_(&request); result != 0) {
      throw InfraError(ErrorCode::internal_error, "Argon2 failed with " + std::to_string(result));
    }
    return tag;
  }

  bool verify(std::string_view password, const Argon2Hash& hash, std::span<std::byte> memory) const override {
    return constant_time_equal(compute(password, hash.input, hash.tag.size(), memory), hash.tag);
  }

 private:
  static LatchkeyArgon2Bytes bytes(std::string_view text) {
    return {text.data(), static_cast<std::uint32_t>(text.size())};
  }
  const std::string_view name_;
  Function& function_;
};

#endif

// libsodium maps its memory for each hash and gives it back at the end.
class SodiumArgon2 final : public Argon2Implementation {
 public:
  std::string_view name() const override { return "libsodium"; }
  std::size_t memory_needed(const Argon2Input&) const override { return 0; }
  // Its reader of strings has a fixed size, with a zero at the end.
  bool supports(const Argon2Hash& hash) const override {
    return hash.input.secret.empty() && hash.input.associated_data.empty() &&
           format_argon2(hash).size() < crypto_pwhash_STRBYTES;
  }

  std::string compute(std::string_view password, const Argon2Input& input, std::size_t tag_size,
                      std::span<std::byte>) const override {
    if (input.lanes != 1 || input.salt.size() != crypto_pwhash_SALTBYTES || !input.secret.empty() ||
        !input.associated_data.empty()) {
      throw InfraError(ErrorCode::internal_error, "libsodium does not compute such an Argon2 tag");
    }
    std::string tag(tag_size, '\0');
    const int algorithm =
        input.type == Argon2Type::id ? crypto_pwhash_ALG_ARGON2ID13 : crypto_pwhash_ALG_ARGON2I13;
    if (crypto_pwhash(reinterpret_cast<unsigned char*>(tag.data()), tag.size(), password.data(),
                      password.size(), reinterpret_cast<const unsigned char*>(input.salt.data()),
                      input.iterations, std::size_t{input.memory_kib} * 1024, algorithm) != 0) {
      throw InfraError(ErrorCode::overloaded, "Argon2 failed in libsodium: parameters or memory");
    }
    return tag;
  }

  bool verify(std::string_view password, const Argon2Hash& hash, std::span<std::byte>) const override {
    return crypto_pwhash_str_verify(format_argon2(hash).c_str(), password.data(), password.size()) == 0;
  }
};

}  // namespace

std::vector<const Argon2Implementation*> argon2_implementations() {
  if (sodium_init() < 0) throw InfraError(ErrorCode::internal_error, "libsodium does not start");
  std::vector<const Argon2Implementation*> found;
#ifdef LATCHKEY_REFERENCE_ARGON2
  static const ReferenceArgon2 avx512("avx512", latchkey_argon2_avx512);
  static const ReferenceArgon2 avx2("avx2", latchkey_argon2_avx2);
  static const ReferenceArgon2 sse2("sse2", latchkey_argon2_sse2);
  if (__builtin_cpu_supports("avx512f")) found.push_back(&avx512);
  if (__builtin_cpu_supports("avx2")) found.push_back(&avx2);
  found.push_back(&sse2);
#endif
  static const SodiumArgon2 sodium;
  found.push_back(&sodium);
  return found;
}

}  // namespace latchkey::crypto
