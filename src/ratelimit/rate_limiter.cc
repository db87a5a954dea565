#include "ratelimit/rate_limiter.h"

#include <algorithm>
#include <mutex>

namespace latchkey::ratelimit {

RateLimiter::RateLimiter(const RateLimiterSettings& settings, base::Random& random) {
  random.fill(hash_key_);
  change_settings(settings);
}

std::optional<base::Seconds> RateLimiter::take(std::string_view bucket, std::string_view subject,
                                               SteadyTime now) {
  const std::shared_lock lock(mutex_);
  if (!enabled_) return std::nullopt;
  const auto found = std::ranges::find(buckets_, bucket, &Bucket::name);
  if (found == buckets_.end()) return std::nullopt;
  const auto emptiness = [](const TokenBucket& state) { return state.full_at; };
  return found->table->update(crypto::keyed_hash(hash_key_, subject), emptiness, [&](TokenBucket& state) {
    const TokenTaken taken = take_token(state, found->policy, now);
    state = taken.bucket;
    return taken.wait;
  });
}

void RateLimiter::change_settings(const RateLimiterSettings& settings) {
  const std::unique_lock lock(mutex_);
  std::vector<Bucket> buckets;
  for (const RateLimiterSettings::Bucket& wanted : settings.buckets) {
    const auto known = std::ranges::find(buckets_, wanted.name, &Bucket::name);
    const bool is_kept = known != buckets_.end() && settings.max_subjects == max_subjects_;
    buckets.push_back(
        {wanted.name, wanted.policy,
         is_kept ? known->table : std::make_shared<SubjectTable<TokenBucket>>(settings.max_subjects)});
  }
  buckets_ = std::move(buckets);
  max_subjects_ = settings.max_subjects;
  enabled_ = settings.enabled;
}

std::size_t RateLimiter::max_bytes() const {
  const std::shared_lock lock(mutex_);
  std::size_t sum = 0;
  for (const Bucket& bucket : buckets_) sum += bucket.table->max_bytes();
  return sum;
}

}  // namespace latchkey::ratelimit
