#include "flows/verified_tokens.h"

#include <cstring>

namespace latchkey::flows {

std::size_t VerifiedTokens::KeyHash::operator()(const crypto::Sha256& key) const noexcept {
  std::size_t hash = 0;
  std::memcpy(&hash, key.data(), sizeof hash);
  return hash;
}

std::optional<domain::AccessClaims> VerifiedTokens::find(const crypto::Sha256& key, base::Timestamp now) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.claims.find(key);
  if (found == shard.claims.end() || found->second.expires_at <= now) return std::nullopt;
  return found->second;
}

void VerifiedTokens::put(const crypto::Sha256& key, const domain::AccessClaims& claims) {
  Shard& shard = shard_of(key);
  const std::lock_guard lock(shard.mutex);
  if (!shard.claims.emplace(key, claims).second) return;
  shard.order.push_back(key);
  if (shard.order.size() > per_shard_) {
    shard.claims.erase(shard.order.front());
    shard.order.pop_front();
  }
}

void VerifiedTokens::clear() {
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    shard.claims.clear();
    shard.order.clear();
  }
}

}  // namespace latchkey::flows
