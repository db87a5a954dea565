// The keys that sign access tokens, over time: one signs, the next one is already published, old ones still
// verify.
//
//   next ──rotate──► active ──rotate──► retired ──last token has expired──► (deleted)
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "crypto/secret_box.h"
#include "crypto/signing_key.h"

namespace latchkey::domain {

enum class KeyState : std::uint8_t { next, active, retired };
std::string_view to_string(KeyState state);

// What a stored key is for.
inline constexpr std::string_view kPurposeSign = "sign";
inline constexpr std::string_view kPurposeRefreshMac = "refresh_mac";

// A key as it is stored: the private part sealed by crypto::SecretBox with the kid as context.
struct StoredKey {
  std::string kid;  // RFC 7638 thumbprint; random for HS256 and the MAC key
  // kPurposeSign or kPurposeRefreshMac. The MAC key of refresh tokens is stored beside the signing keys, so
  // that sessions survive a change of the master secret.
  std::string purpose;
  std::string algorithm;  // of signing keys: ES256, …; else empty
  KeyState state = KeyState::next;
  std::string sealed_private;
  base::Timestamp created_at;
  std::optional<base::Timestamp> activated_at;
  std::optional<base::Timestamp> retired_at;
  bool operator==(const StoredKey&) const = default;
};

// A new key in state `next`, sealed.
StoredKey make_signing_key(crypto::SigningAlgorithm algorithm, base::Timestamp now, base::Random& random,
                           const crypto::SecretBox& box);
StoredKey make_refresh_mac_key(base::Timestamp now, base::Random& random, const crypto::SecretBox& box);

// A signing key, opened.
struct RingKey {
  std::string kid;
  crypto::SigningKey key;
  KeyState state;
  std::optional<base::Timestamp> retired_at;
};

// A snapshot of all keys, opened. Immutable, thread-safe; replaced as a whole (shared_ptr) when keys change.
class KeyRing {
 public:
  // Fails with internal_error when a key cannot be opened, has an unknown purpose or algorithm or is there
  // twice, or when there is no active signing key or no MAC key. The newest of several active ones counts.
  static base::Result<std::shared_ptr<const KeyRing>> make(const std::vector<StoredKey>& stored,
                                                           const crypto::SecretBox& box);
  const RingKey& active() const;
  // Also next and retired ones; nullptr for an unknown kid.
  const RingKey* find(std::string_view kid) const;
  const base::Secret& refresh_mac_key() const { return refresh_mac_key_; }
  // {"keys":[…]} with every public key, next ones included, so that caches know a key before it signs.
  const std::string& jwks() const { return jwks_; }
  // Changes when the set of keys or a state changes.
  const std::string& fingerprint() const { return fingerprint_; }

 private:
  KeyRing() = default;
  std::vector<RingKey> keys_;
  std::size_t active_ = 0;
  base::Secret refresh_mac_key_;
  std::string jwks_, fingerprint_;
};

// What a rotation does to the stored keys; pure but for the new key's generation. The next key becomes active
// (a fresh one does when there is none, or when the algorithm is to change), the active one retires, a new
// next one is made, and retired keys older than `keep_retired_for` (access lifetime plus skew, at least) are
// deleted.
struct KeyRotation {
  std::vector<StoredKey> upserts;
  std::vector<std::string> deletes;  // kids
};
KeyRotation plan_rotation(const std::vector<StoredKey>& stored, crypto::SigningAlgorithm algorithm,
                          base::Timestamp now, base::Seconds keep_retired_for, base::Random& random,
                          const crypto::SecretBox& box);
// First start: an active and a next signing key and a MAC key; empty when all are there.
KeyRotation plan_first_keys(const std::vector<StoredKey>& stored, crypto::SigningAlgorithm algorithm,
                            base::Timestamp now, base::Random& random, const crypto::SecretBox& box);
// Keys sealed under another than the first master secret, sealed anew; empty when there are none.
std::vector<StoredKey> plan_resealing(const std::vector<StoredKey>& stored, const crypto::SecretBox& box,
                                      base::Random& random);

}  // namespace latchkey::domain
