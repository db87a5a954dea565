// Keys that sign tokens, each tied to one algorithm (RFC 7518; EdDSA: RFC 8037).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace latchkey::crypto {

enum class SigningAlgorithm : std::uint8_t { es256, eddsa, rs256, hs256 };

// "ES256", "EdDSA", "RS256", "HS256": exactly, in this case (RFC 7515 section 4.1.1).
std::string_view to_string(SigningAlgorithm algorithm);
std::optional<SigningAlgorithm> parse_signing_algorithm(std::string_view name);

// A private key (or HMAC secret) with what is needed to verify. Immutable; signing and verifying are
// thread-safe. Copies share the key.
class SigningKey {
 public:
  // A new key: P-256, Ed25519, RSA of 3072 bits, or 32 random bytes. Throws InfraError when OpenSSL cannot.
  // Only hs256 reads `random`; the others use OpenSSL's own generator.
  static SigningKey generate(SigningAlgorithm algorithm, base::Random& random);
  // From export_private(), or a foreign key in the same form: RSA of 2048 to 8192 bits, an hs256 secret of 32
  // to 1024 bytes. Fails with internal_error on anything else, or a key of another algorithm. The key is
  // trusted to be sound: whoever stores it keeps it authenticated (SecretBox).
  static base::Result<SigningKey> import_private(SigningAlgorithm algorithm, const base::Secret& exported);

  SigningAlgorithm algorithm() const;
  // PKCS#8 DER, or the raw bytes for hs256.
  base::Secret export_private() const;
  // The public JWK without kid, use and alg, members in lexical order, or empty for hs256, which has nothing
  // public. Its SHA-256 is the RFC 7638 thumbprint.
  const std::string& public_jwk_members() const;
  // The JWS signature bytes (ES256: r || s, 64 bytes). Throws InfraError when OpenSSL fails.
  std::string sign(std::string_view signing_input) const;
  // Constant time for hs256. False for a signature of the wrong length or form.
  bool verify(std::string_view signing_input, std::string_view signature) const;

  class Impl;
  explicit SigningKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

 private:
  std::shared_ptr<const Impl> impl_;
};

}  // namespace latchkey::crypto
