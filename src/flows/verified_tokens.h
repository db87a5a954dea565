// Remembers access tokens whose signature was right, so that the same token is not verified again and again.
#pragma once

#include <array>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "crypto/digest.h"
#include "domain/access_token.h"

namespace latchkey::flows {

// A bounded cache from the SHA-256 of a token to its claims. Only says that the signature, issuer and
// audience were right; whether the session lives is asked of the store every time, so a revocation takes
// effect at once. An expired token is never found. Emptied when the keys change. Thread-safe.
class VerifiedTokens {
 public:
  explicit VerifiedTokens(std::size_t capacity = 16384) : per_shard_(capacity / kShards + 1) {}

  static crypto::Sha256 key_of(std::string_view token) { return crypto::sha256(token); }
  std::optional<domain::AccessClaims> find(const crypto::Sha256& key, base::Timestamp now);
  void put(const crypto::Sha256& key, const domain::AccessClaims& claims);
  void clear();

 private:
  static constexpr std::size_t kShards = 16;
  struct KeyHash {
    // The key is a digest already: any eight of its bytes are a good hash.
    std::size_t operator()(const crypto::Sha256& key) const noexcept;
  };
  struct Shard {
    std::mutex mutex;
    std::unordered_map<crypto::Sha256, domain::AccessClaims, KeyHash> claims;
    std::deque<crypto::Sha256> order;  // oldest first: what goes when the shard is full
  };
  Shard& shard_of(const crypto::Sha256& key) {
    return shards_[std::to_integer<std::size_t>(key[31]) % kShards];
  }

  std::size_t per_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace latchkey::flows
