// Encryption at rest of private keys, under a master secret that is a list so that it can be changed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace latchkey::crypto {

// XChaCha20-Poly1305 (libsodium) under keys derived from the master secrets with HKDF. Sealing uses the first
// secret; opening tries all. Immutable, thread-safe.
class SecretBox {
 public:
  // At least one secret, each at least 32 bytes: else validation_failed with a text that says which.
  static base::Result<SecretBox> make(const std::vector<base::Secret>& master_secrets);
  // version || nonce || ciphertext. `context` (for example the key's id) is authenticated: what was sealed
  // for one context does not open for another.
  std::string seal(const base::Secret& plain, std::string_view context, base::Random& random) const;
  // Fails with internal_error when no secret opens it: damaged, or sealed under a secret that is gone.
  base::Result<base::Secret> open(std::string_view sealed, std::string_view context) const;
  // True when another secret than the first one opens it, so it should be sealed anew.
  bool needs_resealing(std::string_view sealed, std::string_view context) const;

 private:
  explicit SecretBox(std::vector<base::Secret> keys) : keys_(std::move(keys)) {}
  std::vector<base::Secret> keys_;
};

}  // namespace latchkey::crypto
